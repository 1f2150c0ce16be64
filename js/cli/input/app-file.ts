// Reads the description of an app, and says what is wrong with it and where.

import { type Node, parseTree } from 'jsonc-parser'
import type { AppDescription, Dacc } from '../../types/index.d.ts'
import { isRefusal, UsageError } from '../terminal/errors.ts'
import { type Input, openInput } from './input.ts'
import { parseObject } from './json-object.ts'
import { concatenate } from './lines.ts'
import { duplicateKeys, fieldPosition, type Position, shiftPosition } from './measure-file.ts'

/** The description of an app as it stands in a file. */
export interface AppFile {
  name: string
  text: string
  app: AppDescription
}

/** What is wrong with a description, and where. */
export interface AppFault extends Position {
  sentence: string
}

/** Reads a description that is needed to compute something: one that breaks a rule is an error. */
export async function readApp(file: string, dacc: Dacc): Promise<AppDescription> {
  const described = await parseApp(await openInput(file))
  const [fault, ...others] = appFaults(described, dacc)
  if (fault === undefined) return described.app
  const { line, column, sentence } = fault
  const more = others.length === 0 ? '' : `; dacc check ${file} tells ${others.length} more`
  throw new UsageError(`${described.name}:${line}:${column}: ${sentence}${more}`)
}

/** Reads a file that should be a description; nothing of it is checked. */
export async function parseApp({ name, chunks }: Input): Promise<AppFile> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  const bytes = concatenate(parts)
  const app = parseObject(name, bytes) as unknown as AppDescription
  return { name, text: new TextDecoder().decode(bytes), app }
}

/** Everything that the module refuses of a description; where its form is wrong, the first such place alone. */
export function appFaults({ text, app }: AppFile, dacc: Dacc): AppFault[] {
  const root = parseTree(text, [], { disallowComments: true })
  const place = (sentence: string): AppFault => ({
    ...shiftPosition(text, offsetOf(root, sentence), START),
    sentence,
  })
  const twice = duplicateKeys(text).map((path) => ({
    ...fieldPosition({ text, ...START, home: undefined, bytes: 0 }, path),
    sentence: `${path.join('.')} is there twice; leave one out`,
  }))
  return [...twice, ...refusals(app, dacc).map(place)]
}

const START = { line: 1, column: 1 } as const

/** The sentences of the module. */
function refusals(app: AppDescription, dacc: Dacc): string[] {
  const first = refusal(app, dacc)
  if (first === undefined) return []
  if (!first.startsWith('catalog: ')) return [withoutRoom(first)]
  // The module ends at the first indicator that breaks a rule: each is tried by itself.
  const each = app.indicators.map((indicator) => refusal({ ...app, indicators: [indicator] }, dacc))
  return [...new Set([...each.filter((sentence) => sentence !== undefined), first])].map(withoutRoom)
}

/** Why the module refuses this description; undefined if it takes it. */
function refusal(app: AppDescription, dacc: Dacc): string | undefined {
  try {
    // With a `createdBy` of its own, a slug that is none is told as the slug.
    dacc.aggregate('[]', { now: '2024-03-10T02:00:00', createdBy: 'any', app })
    return undefined
  } catch (error) {
    if (!isRefusal(error)) throw error
    return error.message.replace(/^options: /, '')
  }
}

/** The sentence without the option's name. */
const withoutRoom = (sentence: string) => sentence.replace(/^(?:app: |app\.|catalog: )/, '')

/** Where in the text a sentence of the module points. */
function offsetOf(root: Node | undefined, sentence: string): number {
  if (root === undefined) return 0
  if (sentence.startsWith('a slug ')) return (property(root, 'app') ?? root).offset
  const followed = follow(root, sentence)
  if (followed.rest !== sentence) return nearest(followed.node, followed.rest)
  for (const list of ['sources', 'indicators']) {
    const named = elements(property(root, list)).findLast((element) => {
      const name: unknown = property(element, 'name')?.value
      return (
        typeof name === 'string'
        && (sentence.startsWith(`${name}: `)
          || sentence.startsWith(`${name} is defined twice`)
          || sentence.includes(` and ${name} have one id`))
      )
    })
    if (named === undefined) continue
    const name = String(property(named, 'name')?.value)
    return sentence.startsWith(`${name}: `) ? within(named, sentence.slice(name.length + 2)) : named.offset
  }
  return nearest(root, sentence)
}

/** Where in a source or an indicator: `types: …`, `path a.b: …`, `group page: …`. */
function within(node: Node, why: string): number {
  const paths = [node, ...elements(property(node, 'fields'))].flatMap(({ children = [] }) =>
    children.flatMap(({ children: [, value] = [] }) => value ?? []),
  )
  const path = paths.find(({ value }) => typeof value === 'string' && why.startsWith(`path ${value}: `))
  if (path !== undefined) return path.offset
  const [, key] = /^group (.*?): /.exec(why) ?? []
  const group = elements(property(node, 'groups')).find((element) => property(element, 'key')?.value === key)
  if (group !== undefined) return group.offset
  const { node: found, rest } = follow(node, why)
  return rest === why ? node.offset : found.offset
}

/** The offset of a field that is not known; else of the node. */
function nearest(node: Node, sentence: string): number {
  const [, unknown] = /^(?:: )?unknown field `(.*?)`/.exec(sentence) ?? []
  const found = node.children?.find(({ children }) => children?.[0]?.value === unknown)
  return (found ?? node).offset
}

/** Goes from a node as far as a place leads (`sources[0].types: …`), and what of the text is left then. */
function follow(node: Node, place: string): { node: Node; rest: string } {
  const [whole = '', index] = /^\[(\d+)\]/.exec(place) ?? []
  const element = index === undefined ? undefined : elements(node)[Number(index)]
  if (element !== undefined) return follow(element, place.slice(whole.length))
  const name = place.replace(/^\./, '')
  for (const { children: [key, value] = [] } of node.type === 'object' ? (node.children ?? []) : []) {
    const own = String(key?.value)
    if (value !== undefined && name.startsWith(own) && /^(?:[.[]|: )/.test(name.slice(own.length)))
      return follow(value, name.slice(own.length))
  }
  return { node, rest: place }
}

const property = (node: Node | undefined, key: string): Node | undefined =>
  node?.children?.find(({ children }) => children?.[0]?.value === key)?.children?.[1]

const elements = (node: Node | undefined): Node[] => (node?.type === 'array' ? (node.children ?? []) : [])
