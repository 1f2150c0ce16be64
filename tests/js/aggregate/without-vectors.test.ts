import { testEveryFixture } from './every-fixture.ts'

await testEveryFixture('plain')
