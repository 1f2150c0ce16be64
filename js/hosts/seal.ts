// Sealing: the age format (age-encryption.org/v1), so that any program that
// reads age opens what is sealed here. The package is by the author of age.

import { armor, Decrypter, Encrypter } from 'age-encryption'

/** What seals: a passphrase, or public keys (`age1…`). */
export type Lock = { passphrase: string } | { recipients: readonly string[] }

/** What opens: the passphrase, or secret keys (`AGE-SECRET-KEY-…`). */
export type Key = { passphrase: string } | { identities: readonly string[] }

/** What could not be sealed or opened; its message is one sentence. */
export class SealError extends Error {
  override name = 'SealError'
}

/** The bytes as only this lock's key opens them. */
export async function seal(bytes: ReadableStream<Uint8Array>, lock: Lock): Promise<ReadableStream<Uint8Array>> {
  const encrypter = new Encrypter()
  try {
    if ('passphrase' in lock) encrypter.setPassphrase(lock.passphrase)
    else for (const recipient of lock.recipients) encrypter.addRecipient(recipient)
  } catch {
    throw new SealError('this is no public key; one begins with age1')
  }
  return encrypter.encrypt(bytes)
}

/**
 * The bytes that were sealed. Each piece is shown to be as it was sealed before
 * it is given, the end to be the end: an error means that nothing given before
 * it may be used.
 */
export async function unseal(sealed: ReadableStream<Uint8Array>, key: Key): Promise<ReadableStream<Uint8Array>> {
  const decrypter = new Decrypter()
  try {
    if ('passphrase' in key) decrypter.addPassphrase(key.passphrase)
    else for (const identity of key.identities) decrypter.addIdentity(identity)
  } catch {
    throw new SealError('this is no secret key; one begins with AGE-SECRET-KEY-')
  }
  return decrypter.decrypt(await unarmored(sealed))
}

const ARMOR = '-----BEGIN AGE ENCRYPTED FILE-----'

/** More text than this would not go into memory well. */
const MOST_ARMORED = 1 << 28

/** The bytes as they are, or those that stand in them as text (`age --armor`). */
async function unarmored(sealed: ReadableStream<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
  const reader = sealed.getReader()
  const pieces: Uint8Array[] = []
  let length = 0
  const next = async () => {
    const { done, value } = await reader.read()
    if (done) return false
    pieces.push(value)
    length += value.length
    return true
  }
  const text = async () => await new Blob(pieces as Uint8Array<ArrayBuffer>[]).text()
  while (length < 2 * ARMOR.length && (await next()));
  if (!(await text()).trimStart().startsWith(ARMOR)) {
    return new ReadableStream({
      async pull(controller) {
        const piece = pieces.shift() ?? (await reader.read()).value
        if (piece === undefined) controller.close()
        else controller.enqueue(piece)
      },
      cancel: (why) => reader.cancel(why),
    })
  }
  while (await next()) {
    if (length > MOST_ARMORED) throw new SealError('it is age as text, and too long for that; age --decrypt opens it')
  }
  return new Blob([armor.decode(await text()) as Uint8Array<ArrayBuffer>]).stream()
}
