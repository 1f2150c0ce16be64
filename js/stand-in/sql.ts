import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { PGlite } from '@electric-sql/pglite';
import type { Pool } from 'pg';
import { startEmbedded } from './embedded.ts';

/** A row of an answer. */
export type Row = Record<string, unknown>;

/** What takes statements. */
export interface Session {
  query<T = Row>(text: string, parameters?: readonly unknown[]): Promise<T[]>;
  /** Several statements without parameters. */
  run(statements: string): Promise<void>;
}

/** A PostgreSQL database, whoever runs it: the same SQL goes to both. */
export interface Sql extends Session {
  /** What `work` does in its session is done whole, or not at all if it throws. */
  transaction(work: (session: Session) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** A database that cannot be opened; the message is one sentence. */
export class DatabaseError extends Error {
  override name = 'DatabaseError';
}

/** A server that does not answer. */
export class UnreachableError extends DatabaseError {
  override name = 'UnreachableError';
}

/**
 * PostgreSQL inside this process; in memory, or kept in a folder.
 * @throws DatabaseError
 */
export async function openEmbedded(folder?: string): Promise<Sql> {
  const { PGlite } = await import('@electric-sql/pglite').catch(() => {
    throw new DatabaseError('The package @electric-sql/pglite is not installed; add it (npm install @electric-sql/pglite), or set DATABASE_URL to a PostgreSQL server');
  });
  const unlock = folder === undefined ? () => {} : await lock(folder);
  try {
    const database = await startEmbedded(PGlite, folder === undefined ? undefined : join(folder, 'postgres'));
    return {
      ...embedded(database),
      transaction: (work) => database.transaction((transaction) => work(embedded(transaction))),
      close: async () => {
        await database.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw new DatabaseError(`${folder ?? 'The embedded database'} cannot be opened (${reasonOf(error)})`);
  }
}

function embedded(database: Pick<PGlite, 'query' | 'exec'>): Session {
  return {
    query: async <T>(text: string, parameters: readonly unknown[] = []) => (await database.query<T>(text, [...parameters])).rows,
    run: async (statements) => void (await database.exec(statements)),
  };
}

/**
 * A PostgreSQL server.
 * @throws UnreachableError
 */
export async function openServer(url: string): Promise<Sql> {
  const { default: pg } = await import('pg').catch(() => {
    throw new DatabaseError('The package pg is not installed; add it (npm install pg), or unset DATABASE_URL');
  });
  // One connection: what is written one after the other is stored one after the other.
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  // A server that goes away is told by the next query.
  pool.on('error', () => {});
  const sql: Sql = {
    ...remote(pool),
    transaction: async (work) => {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        await work(remote(client));
        await client.query('COMMIT');
        client.release();
      } catch (error) {
        // Closing the connection rolls back, whatever state it is in.
        client.release(true);
        throw error;
      }
    },
    close: () => pool.end(),
  };
  try {
    await sql.query('SELECT 1');
    return sql;
  } catch (error) {
    await sql.close();
    throw new UnreachableError(`DATABASE_URL: the PostgreSQL server ${serverOf(url)} cannot be reached (${reasonOf(error)})`);
  }
}

function remote(client: Pick<Pool, 'query'>): Session {
  return {
    query: async <T>(text: string, parameters: readonly unknown[] = []) => (await client.query(text, [...parameters])).rows as T[],
    run: async (statements) => void (await client.query(statements)),
  };
}

/** Host and database, without user and password. */
export function serverOf(url: string): string {
  if (!URL.canParse(url)) return 'that it names';
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined || message.includes(code) ? message : `${code}: ${message}`;
}

/** A process that was just killed takes a moment to be gone. */
const ENDING_WAIT_MS = 100;
const ENDING_WAITS = 10;

/** Two processes in one folder would destroy it: the embedded database does not notice. */
async function lock(folder: string): Promise<() => void> {
  const file = join(folder, 'in-use-by');
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new DatabaseError(`${folder} cannot be made (${reasonOf(error)})`);
  });
  let owner = ownerOf(file);
  for (let waits = 0; isAlive(owner) && waits < ENDING_WAITS; waits += 1) {
    await setTimeout(ENDING_WAIT_MS);
    owner = ownerOf(file);
  }
  if (isAlive(owner)) {
    throw new DatabaseError(`${folder} is in use by the process ${owner}; end it, choose another folder, or remove ${file} if it is not a dacc dev`);
  }
  // What a killed process left.
  rmSync(file, { force: true });
  try {
    const handle = openSync(file, 'wx');
    writeSync(handle, String(process.pid));
    closeSync(handle);
  } catch (error) {
    throw new DatabaseError(`${folder} cannot be locked (${reasonOf(error)})`);
  }
  return () => rmSync(file, { force: true });
}

function ownerOf(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function isAlive(owner: number | undefined): owner is number {
  if (owner === undefined || !(owner > 0)) return false;
  try {
    return process.kill(owner, 0);
  } catch (error) {
    // Somebody else's process may not be asked, and is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
