// Keeps the documents of a Cozy in PostgreSQL.

import type { Change, Databases, Document, Journal } from '../cozy/database.ts'
import type { Sql } from './sql.ts'

/** Rows of one statement. */
const BATCH = 1000

const TABLE = `
  CREATE SCHEMA IF NOT EXISTS cozy;
  CREATE TABLE cozy.document (
    doctype text,
    id text,
    seq bigint NOT NULL,
    rev text NOT NULL,
    deleted boolean NOT NULL,
    content text NOT NULL,
    PRIMARY KEY (doctype, id)
  )`

const WRITE = `
  INSERT INTO cozy.document SELECT * FROM jsonb_to_recordset($1::text::jsonb)
    AS d(doctype text, id text, seq bigint, rev text, deleted boolean, content text)
  ON CONFLICT (doctype, id) DO UPDATE
    SET seq = EXCLUDED.seq, rev = EXCLUDED.rev, deleted = EXCLUDED.deleted, content = EXCLUDED.content`

interface KeptRow {
  readonly doctype: string
  readonly seq: number
  readonly deleted: boolean
  readonly content: string
}

/**
 * Keeps the documents of a Cozy in PostgreSQL. Reads come from memory; a write is answered when it is in the
 * table. A Cozy that starts again loads the table.
 */
export class SqlJournal implements Journal {
  readonly #sql: Sql
  /** The table is created with the first home, even an empty one: its existence says that a home was kept. */
  #isThere: boolean
  #pending = new Map<string, object>()
  #isCleared = false
  #last: Promise<void> = Promise.resolve()

  private constructor(sql: Sql, isThere: boolean) {
    this.#sql = sql
    this.#isThere = isThere
  }

  static async open(sql: Sql): Promise<SqlJournal> {
    const [table] = await sql.query<{ there: boolean }>(`SELECT to_regclass('cozy.document') IS NOT NULL AS there`)
    return new SqlJournal(sql, table?.there === true)
  }

  /** Loads kept documents; resolves to their number, or undefined if no home was kept. */
  async restore(databases: Databases): Promise<number | undefined> {
    if (!this.#isThere) return undefined
    const rows = await this.#sql.query<KeptRow>(
      'SELECT doctype, seq::integer, deleted, content FROM cozy.document ORDER BY seq',
    )
    for (const { doctype, seq, deleted, content } of rows) {
      databases.ensure(unescaped(doctype)).restore({ seq, deleted, document: JSON.parse(content) as Document })
    }
    return rows.filter(({ deleted }) => !deleted).length
  }

  wrote(doctype: string, { seq, document, deleted }: Change): void {
    const [type, id] = [escaped(doctype), escaped(document._id)]
    const row = { doctype: type, id, seq, rev: document._rev, deleted, content: JSON.stringify(document) }
    this.#pending.set(JSON.stringify([type, id]), row)
  }

  cleared(): void {
    this.#pending.clear()
    this.#isCleared = true
  }

  settled(): Promise<void> {
    // What failed to be kept for one request may be kept for the next.
    if (this.#pending.size > 0 || this.#isCleared || !this.#isThere)
      this.#last = this.#last.catch(() => {}).then(() => this.#flush())
    return this.#last
  }

  async #flush(): Promise<void> {
    const [rows, isCleared] = [this.#pending, this.#isCleared]
    this.#pending = new Map()
    this.#isCleared = false
    try {
      await this.#sql.transaction(async ({ query, run }) => {
        if (!this.#isThere) await run(TABLE)
        if (isCleared) await query('DELETE FROM cozy.document')
        const all = [...rows.values()]
        for (let from = 0; from < all.length; from += BATCH) {
          await query(WRITE, [JSON.stringify(all.slice(from, from + BATCH))])
        }
      })
      this.#isThere = true
    } catch (error) {
      if (!this.#isCleared) this.#pending = new Map([...rows, ...this.#pending])
      this.#isCleared ||= isCleared
      throw error
    }
  }
}

/** PostgreSQL's text holds neither U+0000 nor half a surrogate pair; JSON's escapes do. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function unescaped(text: string): string {
  return JSON.parse(`"${text}"`) as string
}
