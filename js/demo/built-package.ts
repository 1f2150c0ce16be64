// The built files in pkg/ that a Cozy runs.

import { access, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Permissions } from '../stand-in/cozy/cozy.ts'

// pkg/ is as far from here as from the bundle, target/js/demo.mjs.
const inPackage = (file: string) => fileURLToPath(new URL(`../../pkg/${file}`, import.meta.url))

/** The service as the stack gets it: one file. */
export const SERVICE = inPackage('service/index.js')

const MANIFEST = inPackage('manifest.webapp')

/** @throws Error with one sentence if there is no service to run. */
export async function requireService(): Promise<void> {
  await access(SERVICE).catch(() => {
    throw new Error('pkg/service/index.js is missing: `cargo xtask build` makes it.')
  })
}

/** What the app's manifest asks for; nothing is restricted where there is none. */
export async function readPermissions(): Promise<Permissions | undefined> {
  const text = await readFile(MANIFEST, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as { permissions?: Permissions }).permissions
}
