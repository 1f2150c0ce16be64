import { EventEmitter } from 'node:events';
import { randomBytes } from 'node:crypto';
import { cors } from 'hono/cors';
import { Hono } from 'hono';
import type { Dacc as Aggregator } from '../index.d.ts';
import { cozyRoutes } from './cozy.ts';
import { daccRoutes, type Mode, type Received } from './dacc.ts';
import { Databases, type Journal, type Loaded, loadHome } from './database.ts';
import { type Definitions, readDefinitions } from './definitions.ts';
import { type DevEvent, devFace } from './dev-face.ts';
import { type FaultPlace, type Faults, FaultSwitches, NO_FAULTS } from './faults.ts';
import { isLoopbackHost, isLoopbackOrigin } from './origins.ts';
import { page } from './page.ts';
import type { Permissions } from './permissions.ts';
import { type Env, type Handler, listen, type Listening, type Observe, PortTaken } from './server.ts';
import { openStorage, type StorageOptions } from './storage.ts';

export { readFault } from './faults.ts';
export type { Permissions } from './permissions.ts';

/** How to start a Cozy, a DACC and the page, all on one port. */
export interface StackOptions {
  readonly aggregator: Aggregator;
  /** The documents that the Cozy starts with, where none were kept. */
  readonly home: unknown;
  /** What the DACC imports; the built-in catalog's definitions unless given. */
  readonly definitions?: Definitions;
  readonly mode?: Mode;
  /** What the manifest of the app asks for; everything is allowed when left out. */
  readonly permissions?: Permissions;
  /** The folder of the page. */
  readonly page?: string;
  /** The address to listen on; with any but the default, other machines and pages may ask. */
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Where the port is taken, a free one will do. */
  readonly anyPort?: boolean;
  readonly faults?: Faults;
  /** Where everything is kept; in memory, without a database, unless given. */
  readonly storage?: StorageOptions;
  /** The token of the app; made up unless given. */
  readonly token?: string;
}

/** A Cozy, a DACC and a page that listen. */
export interface Stack {
  /** The Cozy's address, and the page's. */
  readonly url: string;
  /** The token of the app in this Cozy. */
  readonly token: string;
  readonly dacc: { readonly url: string; readonly token: string };
  /** How many documents were kept from an earlier start. */
  readonly restored: number;
  /** What became of the home's documents; nothing where others were kept. */
  readonly loaded: Readonly<Loaded> | undefined;
  close(): Promise<void>;
}

/** Requests that somebody who opens the page later still sees. */
const MAX_REQUESTS = 200;

const DACC_BASE = '/dacc';

/** Starts the local stack. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { aggregator, permissions, mode = 'strict', host } = options;
  const definitions = readDefinitions(options.definitions ?? aggregator.definitions());
  const storage = await openStorage(options.storage ?? 'plain', definitions.values());
  const { store } = storage;
  const [token, daccToken] = [options.token ?? newToken(), newToken()];
  const events = new EventEmitter().setMaxListeners(0);
  const emit = (event: DevEvent): void => void events.emit('event', event);
  const databases = new Databases([changes(emit), ...(storage.journal ? [storage.journal] : [])]);
  const restored = await storage.restore(databases);
  const loaded = restored > 0 ? undefined : loadHome(databases, options.home);
  await databases.settled();
  const faults = new FaultSwitches(options.faults ?? NO_FAULTS);
  const requests: DevEvent[] = [];
  const url = (): string => listening.url;
  const daccUrl = (): string => listening.url + DACC_BASE;

  const dacc = daccRoutes({
    definitions,
    token: daccToken,
    mode,
    store,
    base: DACC_BASE,
    received: (received) => emit(ofMeasure(received)),
  });
  const cozy = cozyRoutes({ databases, token, ...(permissions && { permissions }), dacc: daccUrl, daccToken });
  const dev = devFace({
    aggregator,
    cozy: { url, token },
    dacc: { url: daccUrl, token: daccToken, mode },
    databases,
    store,
    definitions,
    faults,
    events,
    requests,
  });
  const isOpen = host !== undefined;
  const handler = guarded(isOpen, {
    dacc: forApps(isOpen, dacc),
    cozy: forApps(isOpen, cozy),
    dev,
    page: page(options.page),
  });
  const observe = watch((event) => {
    requests.push(event);
    if (requests.length > MAX_REQUESTS) requests.shift();
    emit(event);
  });
  const open = (port: number): Promise<Listening> =>
    listen({ handler, ...(host !== undefined && { host }), port, observe, intercept: () => faults.intercept(placeOf) });
  const listening = await open(options.port ?? 0)
    .catch((error: unknown) => {
      if (error instanceof PortTaken && options.anyPort === true) return open(0);
      throw error;
    })
    .catch(async (error: unknown) => {
      await storage.close();
      throw error;
    });
  return {
    url: url(),
    token,
    dacc: { url: daccUrl(), token: daccToken },
    restored,
    loaded,
    close: async () => {
      await listening.close();
      await storage.close();
    },
  };
}

type Part = 'cozy' | 'dacc' | 'dev' | 'page';

const PARTS: Readonly<Record<string, Part>> = { data: 'cozy', remote: 'cozy', jobs: 'cozy', dacc: 'dacc', dev: 'dev' };

const PLACES: Readonly<Record<string, FaultPlace>> = { data: 'data', remote: 'remote', dacc: 'dacc' };

function partOf(path: string): Part {
  return PARTS[firstSegment(path)] ?? 'page';
}

function placeOf(path: string): FaultPlace | undefined {
  return PLACES[firstSegment(path)];
}

function firstSegment(path: string): string {
  return /^\/([^/?]*)/.exec(path)?.[1] ?? '';
}

function newToken(): string {
  return randomBytes(16).toString('hex');
}

/** Chooses who answers; a page of somebody else's, whose name was pointed at this machine, gets nothing. */
function guarded(isOpen: boolean, parts: Readonly<Record<Part, Handler>>): Handler {
  return {
    fetch: (request, env) => {
      const host = request.headers.get('host') ?? undefined;
      if (!isOpen && !isLoopbackHost(host)) {
        return Response.json({ error: 'Only names of this machine are answered; use 127.0.0.1 or localhost, or start with --host.' }, { status: 421 });
      }
      return parts[partOf(new URL(request.url).pathname)].fetch(request, env);
    },
  };
}

/** Lets pages of other origins of this machine in: apps that are being developed. */
function forApps(isOpen: boolean, handler: Handler): Handler {
  const app = new Hono<Env>();
  app.use(
    cors({
      origin: (origin) => (isOpen || isLoopbackOrigin(origin) ? origin : null),
      credentials: true,
      allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      maxAge: 600,
    }),
  );
  app.all('*', (c) => handler.fetch(c.req.raw, c.env));
  return app;
}

/** Tells of the requests to the two servers. */
function watch(tell: (event: DevEvent) => void): Observe {
  return (record) => {
    const server = partOf(record.path);
    if (server !== 'cozy' && server !== 'dacc') return undefined;
    const [at, began] = [new Date().toISOString(), performance.now()];
    return () => {
      const { method, path, status } = record;
      tell({ kind: 'request', server, method, path, status, millis: Math.round(performance.now() - began), at });
    };
  };
}

/** Tells of changed doctypes, those of one turn together. */
function changes(tell: (event: DevEvent) => void): Journal {
  const changed = new Set<string>();
  const flush = (): void => {
    const doctypes = [...changed];
    changed.clear();
    tell({ kind: 'change', doctypes });
  };
  const add = (doctype: string): void => {
    if (changed.size === 0) setImmediate(flush);
    changed.add(doctype);
  };
  return { wrote: add, cleared: () => add('*'), settled: async () => {} };
}

function ofMeasure({ status, error, measure }: Received): DevEvent {
  const sentence = error === undefined ? 'Stored.' : status === 201 ? `Answered 201 and lost: ${error}.` : error;
  return { kind: 'measure', status, ...(measure && { measureName: measure.measureName }), sentence };
}
