import { testVariant } from './variant.ts'

await testVariant('simd')
