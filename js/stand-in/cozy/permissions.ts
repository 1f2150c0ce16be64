// The permissions of an app's manifest.

/** One entry of a manifest's `permissions`. */
export interface PermissionRule {
  /** A doctype, or a family of them: `com.grandlyon.*`. */
  readonly type: string
  /** `GET`, `POST`, `PUT`, `PATCH`, `DELETE` or `ALL`; all of them when left out. */
  readonly verbs?: readonly string[]
  /** The rule holds only for documents whose `selector` field (default `_id`) has one of these values. */
  readonly values?: readonly string[]
  readonly selector?: string
  readonly description?: string
}

/** The `permissions` of an app's manifest, by the app's own names. */
export type Permissions = Readonly<Record<string, PermissionRule>>

/** Doctypes that only the stack writes; apps may read them. */
const WRITTEN_BY_THE_STACK: ReadonlySet<string> = new Set([
  'io.cozy.jobs',
  'io.cozy.remote.requests',
  'io.cozy.triggers',
])

/** Whether apps may read documents of this doctype through the data API at all: triggers come from `/jobs/triggers`. */
export function isReadable(doctype: string): boolean {
  return doctype !== 'io.cozy.triggers'
}

/** Whether apps may write documents of this doctype through the data API at all. */
export function isWritable(doctype: string): boolean {
  return !WRITTEN_BY_THE_STACK.has(doctype)
}

/** Whether the verb is allowed on every document of the doctype. Without permissions everything is allowed. */
export function allowsWholeType(permissions: Permissions | undefined, verb: string, doctype: string): boolean {
  if (permissions === undefined) return true
  return rulesFor(permissions, verb, doctype).some((rule) => (rule.values ?? []).length === 0)
}

/** Whether the verb is allowed on this document of the doctype. */
export function allowsDocument(
  permissions: Permissions | undefined,
  verb: string,
  doctype: string,
  document: Readonly<Record<string, unknown>>,
): boolean {
  if (permissions === undefined) return true
  return rulesFor(permissions, verb, doctype).some((rule) => {
    const values = rule.values ?? []
    const value = document[rule.selector ?? '_id']
    return values.length === 0 || (typeof value === 'string' && values.includes(value))
  })
}

function rulesFor(permissions: Permissions, verb: string, doctype: string): PermissionRule[] {
  return Object.values(permissions).filter((rule) => {
    const verbs = rule.verbs ?? ['ALL']
    return covers(rule.type, doctype) && (verbs.includes('ALL') || verbs.includes(verb))
  })
}

function covers(type: string, doctype: string): boolean {
  if (!type.endsWith('.*')) return type === doctype
  const family = type.slice(0, -2)
  return doctype === family || doctype.startsWith(`${family}.`)
}
