// Connects to a PostgreSQL server.

import type { Pool } from 'pg'
import { DatabaseError, reasonOf, type Session, type Sql, UnreachableError } from './sql.ts'

/**
 * A PostgreSQL server.
 * @throws UnreachableError
 */
export async function openServer(url: string): Promise<Sql> {
  const { default: pg } = await import('pg').catch(() => {
    throw new DatabaseError('The package pg is not installed; add it (npm install pg), or unset DATABASE_URL')
  })
  // One connection: what is written one after the other is stored one after the other.
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  // A server that goes away is told by the next query.
  pool.on('error', () => {})
  const sql: Sql = {
    ...remote(pool),
    transaction: async (work) => {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        await work(remote(client))
        await client.query('COMMIT')
        client.release()
      } catch (error) {
        // Closing the connection rolls back, whatever state it is in.
        client.release(true)
        throw error
      }
    },
    close: () => pool.end(),
  }
  try {
    await sql.query('SELECT 1')
    return sql
  } catch (error) {
    await sql.close()
    throw new UnreachableError(
      `DATABASE_URL: the PostgreSQL server ${serverOf(url)} cannot be reached (${reasonOf(error)})`,
    )
  }
}

function remote(client: Pick<Pool, 'query'>): Session {
  return {
    query: async <T>(text: string, parameters: readonly unknown[] = []) =>
      (await client.query(text, [...parameters])).rows as T[],
    run: async (statements) => void (await client.query(statements)),
  }
}

/** Host and database, without user and password. */
export function serverOf(url: string): string {
  if (!URL.canParse(url)) return 'that it names'
  const { host, pathname } = new URL(url)
  return `${host}${pathname}`
}
