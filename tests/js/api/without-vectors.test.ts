import { testVariant } from './variant.ts'

await testVariant('plain')
