// Opens the storage of a local stack: memory, a folder with the embedded PostgreSQL, or a server.

import type { Databases, Journal } from './cozy/database.ts'
import type { Definition } from './dacc/definitions.ts'
import { type MeasureStore, MemoryMeasureStore } from './dacc/measure-store.ts'
import { NotInstalled, openEmbedded } from './postgres/embedded.ts'
import { SqlJournal } from './postgres/journal.ts'
import { SqlMeasureStore } from './postgres/measure-store.ts'
import { openServer } from './postgres/server.ts'
import type { Sql } from './postgres/sql.ts'

/** Where a stack keeps its data; `plain` is memory without a database, for tests. */
export type StorageOptions =
  | 'plain'
  | {
      /** The Cozy's documents are kept here, and the measures unless a server has them. */
      readonly folder?: string | undefined
      /** A PostgreSQL server for the measures. */
      readonly server?: string | undefined
    }

/** An open storage. */
export interface Storage {
  readonly store: MeasureStore
  /** Writes the Cozy's documents, if they are kept. */
  readonly journal?: Journal
  /** Loads kept documents; resolves to their number, or undefined if no home was kept. */
  restore(databases: Databases): Promise<number | undefined>
  close(): Promise<void>
}

/**
 * Opens a storage.
 * @throws DatabaseError
 */
export async function openStorage(options: StorageOptions, definitions: Iterable<Definition>): Promise<Storage> {
  if (options === 'plain') {
    return { store: new MemoryMeasureStore(), restore: async () => undefined, close: async () => {} }
  }
  const { folder, server } = options
  const opened: Sql[] = []
  const open = async (opening: Promise<Sql>): Promise<Sql> => {
    const sql = await opening
    opened.push(sql)
    return sql
  }
  const close = async (): Promise<void> => {
    for (const sql of opened) await sql.close()
  }
  try {
    const kept = folder === undefined ? undefined : await open(openEmbedded(folder))
    const measures =
      server === undefined
        ? (kept ?? (await open(openEmbedded()).catch(unlessMissing)))
        : await open(openServer(server))
    const store = measures === undefined ? new MemoryMeasureStore() : await SqlMeasureStore.open(measures, definitions)
    if (kept === undefined) return { store, restore: async () => undefined, close }
    const journal = await SqlJournal.open(kept)
    return { store, journal, restore: (databases) => journal.restore(databases), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Measures that are not kept can be in memory: the results are the same, only psql cannot show them. */
function unlessMissing(error: unknown): undefined {
  if (!(error instanceof NotInstalled)) throw error
}
