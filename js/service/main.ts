// The service as an app's manifest names it, `node index.js`; and the library, which is the same file
// so that the package holds the module once. Whoever loads it as a library says so before.

import { service } from './service.ts'

export { service }

if (!(Symbol.for('dacc-aggregator.library') in globalThis)) void service()
