// `dacc manifest`: prints what an app's manifest needs, and merges it into one.

import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { applyEdits, findNodeAtLocation, modify, parseTree } from 'jsonc-parser'
import { rewriteFile } from '../../hosts/files/atomic-file.ts'
import { explainError } from '../../hosts/files/file-error.ts'
import { identityOf } from '../../hosts/files/file-identity.ts'
import { readWhole } from '../input/input.ts'
import { readObject } from '../input/json-object.ts'
import { printable, UsageError } from '../terminal/errors.ts'
import { Output } from '../terminal/output.ts'
import { counted } from '../terminal/progress.ts'
import { unifiedDiff } from '../terminal/text-diff.ts'

/** Adds `dacc manifest` to the program. */
export function manifest(dacc: Command): void {
  dacc
    .command('manifest')
    .summary("print what an app's manifest has to hold, or merge it into one")
    .description(
      "Prints the services and permissions that an app's manifest has to hold; or merges "
        + 'them into a manifest, by doctype and verbs, whatever its keys are called.',
    )
    .option('--rights', "for the commands of the person's rights over a Cozy, in place of the nightly service")
    .option('--merge <file>', "the app's manifest.webapp, which gets what it lacks")
    .option('--dry-run', 'show what would be changed, and change nothing')
    .addHelpText(
      'after',
      `
What the manifest has stays as it is, its layout too. Merged again, nothing
changes.

Example:
  dacc manifest --merge manifest.webapp --dry-run
  dacc manifest --rights --merge manifest.webapp`,
    )
    .action((flags: ManifestFlags) => act(flags))
}

interface ManifestFlags {
  rights?: boolean
  merge?: string
  dryRun?: boolean
}

/** A permission of a manifest; without verbs it allows all. */
export interface Permission {
  type: string
  verbs?: string[]
  description?: string
  /** Limits it to some documents. */
  selector?: string
  values?: unknown[]
}

/** The part of a manifest that is merged. */
export interface Fragment {
  services: Record<string, object>
  permissions: Record<string, Permission>
}

/** Reads a fragment of the package. */
function fragment(name: string): { text: string; fragment: Fragment } {
  const text = readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
  return {
    text,
    fragment: { services: {}, ...(JSON.parse(text) as Partial<Fragment> & Pick<Fragment, 'permissions'>) },
  }
}

async function act({ rights = false, merge: file, dryRun = false }: ManifestFlags): Promise<void> {
  const output = new Output()
  const own = fragment(rights ? 'manifest.rights.webapp' : 'manifest.webapp')
  if (file === undefined) {
    if (dryRun) throw new UsageError('--dry-run: it goes with --merge')
    await output.line(own.text.trimEnd())
    return output.flush()
  }
  if (file === '-') throw new UsageError('--merge: a file is needed, which is written anew')
  const seen = await identityOf(file).catch(() => 'missing' as const)
  const given = await readObject(file)
  const before = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await readWhole(file))
  const { text, added } = mergeManifest(before, given, own.fragment, file)
  if (added.length === 0) {
    await output.line(`${printable(file)} has all of it.`)
    return output.flush()
  }
  if (dryRun) {
    for (const line of unifiedDiff(before, text, file)) await output.line(line)
    await output.flush()
    process.stderr.write(
      `Nothing was changed: ${printable(file)} lacks ${counted(added.length, 'entry').replace('entrys', 'entries')}.\n`,
    )
    return
  }
  await rewriteFile(file, text, seen).catch((error: unknown) => {
    throw new UsageError(`${file}: ${explainError(error).message}`)
  })
  for (const each of added) await output.line(each)
  await output.flush()
}

/** Adds what a manifest lacks of a fragment; also returns a line for each addition. */
export function mergeManifest(
  text: string,
  manifest: Record<string, unknown>,
  { services, permissions }: Fragment,
  file: string,
): { text: string; added: string[] } {
  const added: string[] = []
  const set = (path: string[], value: unknown, told: string) => {
    const verbs = path.at(-1) === 'verbs' ? path : [...path, 'verbs']
    const isInLines = textAt(text, verbs)?.includes('\n')
    text = applyEdits(text, modify(text, path, value, { formattingOptions: layoutOf(text) }))
    // A short list is written on one line, unless the old one had several.
    if (isInLines !== true) text = inOneLine(text, verbs)
    added.push(told)
  }
  const own = {
    services: entriesOf(manifest, 'services', file),
    permissions: entriesOf(manifest, 'permissions', file) as Record<string, Permission>,
  }
  for (const [name, service] of Object.entries(services)) {
    // A service of this name is the app's own, with its own file and schedule.
    if (!(name in own.services)) set(['services', name], service, `services.${name}: added`)
  }
  for (const [name, { verbs = [], ...rest }] of Object.entries(permissions)) {
    const whole = Object.entries(own.permissions).filter(([, permission]) => isWhole(permission))
    const covering = whole.filter(([, { type }]) => isCovered(rest.type, type))
    const missing = verbs.filter((verb) => !covering.some(([, permission]) => allows(permission, verb)))
    if (missing.length === 0) continue
    const exact = covering.find(([, { type }]) => type === rest.type)
    if (exact === undefined) {
      const key = freeKey(name, own.permissions)
      // Added even if another permission of the doctype covers it: each has its own description.
      own.permissions[key] = { ...rest, verbs }
      set(['permissions', key], { ...rest, verbs }, `permissions.${key}: added, ${verbs.join(', ')} on ${rest.type}`)
    } else {
      const [key, { verbs: before = [] }] = exact
      own.permissions[key] = { ...exact[1], verbs: [...before, ...missing] }
      set(
        ['permissions', key, 'verbs'],
        [...before, ...missing],
        `permissions.${key}: ${missing.join(', ')} added on ${rest.type}`,
      )
    }
  }
  return { text, added }
}

function entriesOf(manifest: Record<string, unknown>, field: string, file: string): Record<string, object> {
  const entries = manifest[field] ?? {}
  if (typeof entries === 'object' && !Array.isArray(entries)) return { ...entries } as Record<string, object>
  throw new UsageError(`${file}: ${field} is not an object; this is no manifest of a Cozy app`)
}

/** Whether a permission is about all documents of its doctype. */
function isWhole(permission: unknown): permission is Permission {
  return (
    typeof permission === 'object'
    && permission !== null
    && 'type' in permission
    && typeof permission.type === 'string'
    && !('selector' in permission)
    && !('values' in permission)
  )
}

/** Whether a doctype matches a permission's doctype or family (`…*`). */
function isCovered(doctype: string, type: string): boolean {
  return type === doctype || (type.endsWith('.*') && doctype.startsWith(type.slice(0, -1)))
}

/** No verbs mean all verbs, as `ALL` does. */
function allows({ verbs }: Permission, verb: string): boolean {
  return verbs === undefined || verbs.length === 0 || verbs.includes('ALL') || verbs.includes(verb)
}

/** A new key for a permission. */
function freeKey(name: string, permissions: Record<string, Permission>): string {
  const others = [name, `dacc${name[0]?.toUpperCase()}${name.slice(1)}`]
  for (let number = 2; ; number += 1) {
    const key = others.shift() ?? `dacc${name[0]?.toUpperCase()}${name.slice(1)}${number}`
    if (!(key in permissions)) return key
  }
}

function textAt(text: string, path: string[]): string | undefined {
  const node = findNodeAtLocation(parseTree(text)!, path)
  return node && text.slice(node.offset, node.offset + node.length)
}

/** Puts the list of words at this path, if any, on one line. */
function inOneLine(text: string, path: string[]): string {
  const node = findNodeAtLocation(parseTree(text)!, path)
  if (node?.type !== 'array') return text
  const words = node.children?.map(({ value }) => JSON.stringify(value)).join(', ') ?? ''
  return `${text.slice(0, node.offset)}[${words}]${text.slice(node.offset + node.length)}`
}

/** The indentation and line ending of a text. */
function layoutOf(text: string): { insertSpaces: boolean; tabSize: number; eol: string } {
  const indent = /^[^\S\r\n]+/m.exec(text)?.[0] ?? '  '
  return {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  }
}
