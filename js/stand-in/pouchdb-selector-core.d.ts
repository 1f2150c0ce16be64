/** The package ships no types; these are the two functions in use. */
declare module 'pouchdb-selector-core' {
  type Selector = Record<string, unknown>;
  /** Brings a Mango selector into the form that `rowFilter` reads. */
  export function massageSelector(selector: Selector): Selector;
  /** Whether the document matches the massaged selector in all of `fields`. */
  export function rowFilter(doc: object, massaged: Selector, fields: string[]): boolean;
}
