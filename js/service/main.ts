// The entry of the service: `node index.js` runs it, as an app's manifest says. The same file is the library,
// so that the package contains the module once; code that loads the library sets a mark first.

import { service } from './service.ts'

export { service }

if (!(Symbol.for('dacc-aggregator.library') in globalThis)) void service()
