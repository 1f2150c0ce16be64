// What the stand-in needs of a database, whichever runs it.

/** A row of an answer. */
export type Row = Record<string, unknown>

/** What takes statements. */
export interface Session {
  query<T = Row>(text: string, parameters?: readonly unknown[]): Promise<T[]>
  /** Several statements without parameters. */
  run(statements: string): Promise<void>
}

/** A PostgreSQL database, whoever runs it: the same SQL goes to both. */
export interface Sql extends Session {
  /** What `work` does in its session is done whole, or not at all if it throws. */
  transaction(work: (session: Session) => Promise<void>): Promise<void>
  close(): Promise<void>
}

/** A database that cannot be opened; the message is one sentence. */
export class DatabaseError extends Error {
  override name = 'DatabaseError'
}

/** A server that does not answer. */
export class UnreachableError extends DatabaseError {
  override name = 'UnreachableError'
}

/** What an error says, with its code. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code === undefined || message.includes(code) ? message : `${code}: ${message}`
}
