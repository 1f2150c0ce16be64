// Serves the files of the page.

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import type { Env } from './server.ts'

/** The policy: only files of the same origin, and WebAssembly. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const MODULE = 'dacc_aggregator_bg.wasm'

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>dacc dev</title>
<h1>dacc dev</h1>
<p>The Cozy and the DACC are running. The playground is not built: run <code>cargo xtask build</code>, then load this page again.</p>
`

/** Serves a folder as a page that may connect only to its own server. */
export function staticFiles(folder: string | undefined): Hono<Env> {
  const app = new Hono<Env>()
  app.use(async (c, next) => {
    await next()
    c.header('content-security-policy', POLICY)
    c.header('x-content-type-options', 'nosniff')
    c.header('referrer-policy', 'no-referrer')
    c.header('cross-origin-resource-policy', 'same-origin')
    // A build replaces the files and keeps their names.
    c.header('cache-control', 'no-cache')
  })
  if (folder !== undefined) {
    app.use(async (c, next) => {
      // The folder may be rebuilt while it is served.
      const isBuilt = await stat(join(folder, 'index.html')).then(
        (found) => found.isFile(),
        () => false,
      )
      return isBuilt ? serveStatic<Env>({ root: folder })(c, next) : next()
    })
    // The package holds the module once, beside the page and not in it.
    app.get(`/${MODULE}`, serveStatic<Env>({ root: join(folder, '../wasm') }))
  }
  app.get('/', (c) => c.html(NOT_BUILT))
  app.notFound((c) => c.text('There is no such page.', 404))
  return app
}
