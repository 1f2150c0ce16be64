// Encrypts and decrypts exports in the age format (age-encryption.org/v1), which any program for age reads.
// The package `age-encryption` is by the author of age.

import { armor, Decrypter, Encrypter } from 'age-encryption'

/** Encrypts: a passphrase, or public keys (`age1…`). */
export type SealingKey = { passphrase: string } | { recipients: readonly string[] }

/** Decrypts: the passphrase, or secret keys (`AGE-SECRET-KEY-…`). */
export type OpeningKey = { passphrase: string } | { identities: readonly string[] }

/** A file could not be encrypted or decrypted; the message is one sentence. */
export class SealError extends Error {
  override name = 'SealError'
}

/** Encrypts a stream. */
export async function seal(bytes: ReadableStream<Uint8Array>, lock: SealingKey): Promise<ReadableStream<Uint8Array>> {
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
 * Decrypts a stream. Each piece is authenticated before it is given, and so is the end: after an error,
 * nothing that was given before may be used.
 */
export async function unseal(sealed: ReadableStream<Uint8Array>, key: OpeningKey): Promise<ReadableStream<Uint8Array>> {
  const decrypter = new Decrypter()
  try {
    if ('passphrase' in key) decrypter.addPassphrase(key.passphrase)
    else for (const identity of key.identities) decrypter.addIdentity(identity)
  } catch {
    throw new SealError('this is no secret key; one begins with AGE-SECRET-KEY-')
  }
  return decrypter.decrypt(await removeArmor(sealed))
}

const ARMOR = '-----BEGIN AGE ENCRYPTED FILE-----'

/** Text form is decoded in memory; more would not fit well. */
const MAX_ARMORED_BYTES = 1 << 28

/** The binary form: of a file in text form (`age --armor`) the decoded bytes, of any other its bytes. */
async function removeArmor(sealed: ReadableStream<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
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
    if (length > MAX_ARMORED_BYTES)
      throw new SealError('it is age as text, and too long for that; age --decrypt opens it')
  }
  return new Blob([armor.decode(await text()) as Uint8Array<ArrayBuffer>]).stream()
}
