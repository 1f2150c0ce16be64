// Opens the PostgreSQL that runs inside this process.

import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import { restrictToOwner } from './file-modes.ts'
import { lockFolder } from './folder-lock.ts'
import { DatabaseError, reasonOf, type Session, type Sql } from './sql.ts'

/** The embedded database is a large optional package, and it is not installed. */
export class NotInstalled extends DatabaseError {}

/**
 * Opens PostgreSQL inside this process, in memory or in a folder.
 * @throws DatabaseError
 */
export async function openEmbedded(folder?: string): Promise<Sql> {
  const { PGlite } = await import('@electric-sql/pglite').catch(() => {
    throw new NotInstalled(
      'The package @electric-sql/pglite is not installed; add it (npm install @electric-sql/pglite), or set DATABASE_URL to a PostgreSQL server',
    )
  })
  // The data are private: only the owner may read files that this process creates from now on.
  if (folder !== undefined) process.umask(0o077)
  const unlock = folder === undefined ? () => {} : await lockFolder(folder)
  try {
    const database = await startEmbedded(PGlite, folder === undefined ? undefined : join(folder, 'postgres'))
    if (folder !== undefined) await restrictToOwner(folder)
    return {
      ...embedded(database),
      transaction: (work) => database.transaction((transaction) => work(embedded(transaction))),
      close: async () => {
        await database.close()
        unlock()
      },
    }
  } catch (error) {
    unlock()
    throw new DatabaseError(`${folder ?? 'The embedded database'} cannot be opened (${reasonOf(error)})`)
  }
}

function embedded(database: Pick<PGlite, 'query' | 'exec'>): Session {
  return {
    query: async <T>(text: string, parameters: readonly unknown[] = []) =>
      (await database.query<T>(text, [...parameters])).rows,
    run: async (statements) => void (await database.exec(statements)),
  }
}

/**
 * Starts the embedded database in a folder or in memory. Creating an empty database takes four times as long
 * as unpacking one, so the first is kept in the user's cache.
 */
async function startEmbedded(Embedded: typeof PGlite, folder: string | undefined): Promise<PGlite> {
  if (folder === undefined) return makeEmbedded(Embedded, {})
  const whole = join(folder, '.whole')
  if (existsSync(whole)) return Embedded.create({ dataDir: folder })
  // Perhaps a killed process left it unfinished; it holds no data yet.
  await rm(folder, { recursive: true, force: true })
  const database = await makeEmbedded(Embedded, { dataDir: folder })
  await writeFile(whole, '')
  return database
}

async function makeEmbedded(Embedded: typeof PGlite, place: { dataDir?: string }): Promise<PGlite> {
  const kept = cacheFile()
  const empty = await readFile(kept).catch(() => undefined)
  if (empty !== undefined) {
    try {
      return await Embedded.create({ ...place, loadDataDir: new Blob([new Uint8Array(empty)]) })
    } catch {
      // A damaged file is removed.
      await rm(kept, { force: true })
      if (place.dataDir !== undefined) await rm(place.dataDir, { recursive: true, force: true })
    }
  }
  const database = await Embedded.create(place)
  await keep(database, kept).catch(() => {
    // Without the cache only the next start is slower.
  })
  return database
}

function cacheFile(): string {
  // The package does not export its package.json.
  const main = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const { version } = createRequire(main)('../package.json') as { version: string }
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  return join(cache, 'dacc-aggregator', `pglite-${version}.tar.gz`)
}

async function keep(database: PGlite, file: string): Promise<void> {
  const packed = await database.dumpDataDir('gzip')
  await mkdir(join(file, '..'), { recursive: true })
  // Written under another name and renamed: another start may read it at the same time.
  const unfinished = `${file}.${process.pid}`
  await writeFile(unfinished, Buffer.from(await packed.arrayBuffer()))
  await rename(unfinished, file)
}
