/** Calls `initialise` once for all callers; after a failure the next call tries again. */
export function once<Source, Module>(
  initialise: (source?: Source) => Promise<Module>,
): (source?: Source) => Promise<Module> {
  let loaded: Promise<Module> | undefined
  return (source) => {
    loaded ??= initialise(source).catch((error: unknown) => {
      loaded = undefined
      throw error
    })
    return loaded
  }
}
