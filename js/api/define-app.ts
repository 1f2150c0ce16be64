import type { AppDescription } from '../types/index.d.ts'

/** Gives the description back as it is: the compiler has checked its indicators by its own types and fields. */
export const defineApp = (app: AppDescription): AppDescription => app
