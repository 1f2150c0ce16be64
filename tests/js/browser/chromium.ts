// A real browser for the tests that need one.

import { existsSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { chromium } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The system's Chromium, if it has one; `cargo xtask test` sees to that. */
export const executable = PLACES.find((place) => existsSync(place))

/** Why a test has to be skipped; never where every test has to run. */
export const skip = executable === undefined && process.env['CI'] !== 'true' ? 'no Chromium on this machine' : false

/** Starts it without what would ask the network for something, and with further flags. */
export function launch(flags: readonly string[] = []): Promise<Browser> {
  const quiet = [
    'disable-gpu',
    'disable-quic',
    'no-first-run',
    'disable-background-networking',
    'disable-component-update',
    'disable-sync',
    'disable-dev-shm-usage',
  ]
  return chromium.launch({
    ...(executable === undefined ? {} : { executablePath: executable }),
    // A root user's Chromium has no sandbox to offer.
    args: [...[...quiet, ...(process.getuid?.() === 0 ? ['no-sandbox'] : [])].map((flag) => `--${flag}`), ...flags],
  })
}
