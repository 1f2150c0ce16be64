import type { LoadOptions } from '../types/index.d.ts'
import type { ModuleSource } from './module-source.ts'

/**
 * Calls `initialise` once for all callers, with the app as JSON; after a failure the next call tries again. A
 * process has one module, and a module one app: who names another app is refused, never given the wrong one; who
 * names none gets what is loaded.
 */
export function loadOnce<Module>(
  initialise: (module: ModuleSource | undefined, app: string | undefined) => Promise<Module>,
): (source?: ModuleSource | LoadOptions) => Promise<Module> {
  let loaded: Promise<Module> | undefined
  let loadedApp: string | undefined
  return async (source) => {
    const { module, app, ...others } = isLoadOptions(source) ? source : { module: source, app: undefined }
    // A name that is misspelt would load the built-in app.
    const [unknown] = Object.keys(others)
    if (unknown !== undefined) {
      throw new Error(`load: \`${unknown}\` is no option; there are \`app\` and \`module\`, as in load({ app })`)
    }
    const json = app === undefined ? undefined : JSON.stringify(app)
    if (loaded === undefined) {
      loadedApp = json
      loaded = initialise(module, json).catch((error: unknown) => {
        loaded = undefined
        throw error
      })
    } else if (json !== undefined && json !== loadedApp) {
      throw new Error(`load: another app than ${app?.app ?? 'this one'} was loaded before; a process computes one app`)
    }
    return loaded
  }
}

// A plain object, also one of another realm: every kind of module source has a tag of its own.
const isLoadOptions = (source: ModuleSource | LoadOptions | undefined): source is LoadOptions =>
  Object.prototype.toString.call(source) === '[object Object]'
