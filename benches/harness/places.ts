// Where things are; the harness runs from the repository's root.

import path from 'node:path'

const root = process.cwd()

/** What benchmarks make, and their packages. */
export const MADE = path.join(root, 'target/bench')

export const inMade = (file: string) => path.join(MADE, file)

export const inRoot = (file: string) => path.join(root, file)

/** The native program: `cargo xtask bench` tells where it was built. */
export const NATIVE = process.env['DACC_BENCH'] ?? inRoot('target/release/dacc-bench')
