// What performs the effects of a command; the package declares it to its users.

export type { RightsAnswer as Answer, RightsFiles as Files, RightsHost as Host } from '../types/index.d.ts'
