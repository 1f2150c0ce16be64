// Sets the permissions of a database's files.

import { chmod, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Allows only the owner to read and write a folder and its content: the embedded database sets its own file
 * modes, and an older version of this program left them to the umask.
 */
export async function restrictToOwner(folder: string): Promise<void> {
  await chmod(folder, 0o700)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await restrictToOwner(path)
    else if (entry.isFile()) await chmod(path, 0o600)
  }
}
