import type { Databases, Journal } from './cozy/database.ts'
import type { Definition } from './dacc/definitions.ts'
import { type MeasureStore, MemoryMeasureStore } from './dacc/measure-store.ts'
import { NotInstalled, openEmbedded } from './postgres/embedded.ts'
import { SqlJournal } from './postgres/journal.ts'
import { SqlMeasureStore } from './postgres/measure-store.ts'
import { openServer } from './postgres/server.ts'
import type { Sql } from './postgres/sql.ts'

/** Where a stack keeps what it is told; `plain` is memory without any database, for tests. */
export type StorageOptions =
  | 'plain'
  | {
      /** The Cozy's documents are kept here, and the measures unless a server has them. */
      readonly folder?: string | undefined
      /** A PostgreSQL server for the measures. */
      readonly server?: string | undefined
    }

/** Opened storage. */
export interface Storage {
  readonly store: MeasureStore
  /** Keeps the Cozy's documents, if they are kept. */
  readonly journal?: Journal
  /** Gives the databases what was kept; says how many documents that is, if a home was kept at all. */
  restore(databases: Databases): Promise<number | undefined>
  close(): Promise<void>
}

/**
 * Opens what is asked for.
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

/** What is not kept can be in memory as well: it says the same, and psql cannot look into it. */
function unlessMissing(error: unknown): undefined {
  if (!(error instanceof NotInstalled)) throw error
}
