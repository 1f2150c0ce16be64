import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';

/**
 * Starts the embedded database in a folder, or in memory. Making an empty one takes four times as
 * long as unpacking one, so the first that was made is kept in the user's cache.
 */
export async function startEmbedded(Embedded: typeof PGlite, folder: string | undefined): Promise<PGlite> {
  const place = folder === undefined ? {} : { dataDir: folder };
  if (folder !== undefined && existsSync(join(folder, 'PG_VERSION'))) return Embedded.create(place);
  const kept = cacheFile();
  const empty = await readFile(kept).catch(() => undefined);
  if (empty !== undefined) {
    try {
      return await Embedded.create({ ...place, loadDataDir: new Blob([new Uint8Array(empty)]) });
    } catch {
      // A damaged file is of no use to anybody.
      await rm(kept, { force: true });
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    }
  }
  const database = await Embedded.create(place);
  await keep(database, kept).catch(() => {
    // Only the next start is slower.
  });
  return database;
}

function cacheFile(): string {
  // The package does not export its package.json.
  const main = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const { version } = createRequire(main)('../package.json') as { version: string };
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'dacc-aggregator', `pglite-${version}.tar.gz`);
}

async function keep(database: PGlite, file: string): Promise<void> {
  const packed = await database.dumpDataDir('gzip');
  await mkdir(join(file, '..'), { recursive: true });
  // Whole or not at all: another start may read it at this moment.
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, Buffer.from(await packed.arrayBuffer()));
  await rename(unfinished, file);
}
