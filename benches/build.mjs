// Bundles the benchmarks' TypeScript into target/bench/, where their packages
// are installed. `cargo xtask bench` runs this.

import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

await build({
  absWorkingDir: path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..'),
  entryPoints: {
    peer: 'benches/peers/main.ts',
    harness: 'benches/harness/main.ts',
    cold: 'benches/harness/programs/cold.ts',
    load: 'benches/harness/programs/load.ts',
  },
  outdir: 'target/bench',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
})
