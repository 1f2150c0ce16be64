/** Loads once; what failed is tried again by the next call. */
export function once<Source, Face>(initialise: (source?: Source) => Promise<Face>): (source?: Source) => Promise<Face> {
  let loaded: Promise<Face> | undefined
  return (source) => {
    loaded ??= initialise(source).catch((error: unknown) => {
      loaded = undefined
      throw error
    })
    return loaded
  }
}
