// The service as an app's manifest names it: `node index.js`.

import { service } from './service.ts'

void service()
