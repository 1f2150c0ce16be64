// Pages of events that arrive in small pieces, and connections that break in
// the middle of one.

import assert from 'node:assert/strict'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { describe, it } from 'node:test'
import { HttpClient } from '../../../js/hosts/http-client.ts'
import { runService } from './stack.ts'
import { FULL_HOME, FULL_OPTIONS, previewed, stored, world } from './world.ts'

/** Hands requests on to `target`, and answers in the way `send` does. */
async function between(
  t: TestContext,
  target: string,
  send: (request: http.IncomingMessage, answer: http.ServerResponse, body: Buffer) => void,
): Promise<string> {
  const server = http.createServer((request, answer) => {
    const { method = 'GET', headers, url = '/' } = request
    const onward = http.request(new URL(url, target), { method, headers }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        const body = Buffer.concat(chunks)
        const { 'transfer-encoding': _, ...kept } = incoming.headers
        answer.writeHead(incoming.statusCode ?? 500, { ...kept, 'content-length': body.length })
        send(request, answer, body)
      })
    })
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const isEvents = ({ url = '' }: http.IncomingMessage) => url === '/data/com.grandlyon.ecolyo.usageevents/_find'

/** Writes a body in pieces, each in a packet of its own. */
async function trickle(answer: http.ServerResponse, body: Buffer, length: number) {
  for (let at = 0; at < body.length; at += length) {
    answer.write(body.subarray(at, at + length))
    await new Promise(setImmediate)
  }
}

describe('pages of events', () => {
  it('give the same measures however they arrive', async (t) => {
    const { cozy, dacc, environment } = await world(t, FULL_HOME)
    const url = await between(t, cozy.url, (request, answer, body) => {
      void trickle(answer, body, isEvents(request) ? 11 : body.length || 1).then(() => answer.end())
    })
    const { code } = await runService({ ...environment(FULL_OPTIONS), COZY_URL: url })
    assert.equal(code, 0)
    assert.deepEqual(await stored(dacc), await previewed(FULL_HOME, FULL_OPTIONS))
  })

  it('count once where the connection breaks in the middle of one', async (t) => {
    for (const share of [0.1, 0.5, 0.97]) {
      const { cozy, dacc, environment } = await world(t, FULL_HOME)
      let broken = 0
      const url = await between(t, cozy.url, (request, answer, body) => {
        if (!isEvents(request) || broken === 2) {
          answer.end(body)
          return
        }
        broken += 1
        const part = body.subarray(0, Math.floor(body.length * share))
        void trickle(answer, part, 64).then(() => answer.destroy())
      })
      const { code } = await runService({ ...environment(FULL_OPTIONS), COZY_URL: url })
      assert.equal(code, 0)
      assert.equal(broken, 2)
      assert.deepEqual(await stored(dacc), await previewed(FULL_HOME, FULL_OPTIONS), String(share))
    }
  })
})

describe('a client that is given pieces', () => {
  it('holds none of a good answer, and all of another', async (t) => {
    const server = http.createServer((request, answer) => {
      answer.writeHead(request.url === '/good' ? 200 : 400)
      void trickle(answer, Buffer.from('0123456789'), 3).then(() => answer.end())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => server.close())
    const client = new HttpClient()
    t.after(() => client.close())
    const asked = async (path: string) => {
      const pieces: Uint8Array[] = []
      const url = new URL(path, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      const answer = await client.request('GET', url, {}, undefined, (bytes) => pieces.push(bytes))
      return {
        given: Buffer.concat(pieces).toString(),
        kept: 'body' in answer ? Buffer.from(answer.body).toString() : '',
      }
    }
    assert.deepEqual(await asked('/good'), { given: '0123456789', kept: '' })
    assert.deepEqual(await asked('/bad'), { given: '', kept: '0123456789' })
  })

  it('gives up where they cannot be taken, with the error that says why', async (t) => {
    const server = http.createServer((_, answer) => {
      answer.writeHead(200).write('0123')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => {
      server.closeAllConnections()
      server.close()
    })
    const client = new HttpClient()
    const isClosed = new Promise((resolve) => server.on('connection', (socket) => socket.on('close', resolve)))
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const refuse = () => {
      throw new Error('the module trapped')
    }
    await assert.rejects(client.request('GET', url, {}, undefined, refuse), /^Error: the module trapped$/)
    await isClosed
  })
})
