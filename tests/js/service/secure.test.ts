// Certificates that nobody vouches for, and tokens over plain http.

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, it } from 'node:test'
import { isUnencrypted } from '../../../js/base/token.ts'
import { dacc } from '../cli/process.ts'
import { CERTIFICATE, selfSigned } from './certificate.ts'
import { runService } from './stack.ts'
import { FULL_HOME, FULL_OPTIONS, previewed, stored, world } from './world.ts'

const CURE = 'NODE_EXTRA_CA_CERTS names a file of certificates for Node to trust besides, as cozy.pem'
const FAULT = `its certificate is signed by itself alone (DEPTH_ZERO_SELF_SIGNED_CERT); ${CURE}`

describe('a certificate that is signed by itself', () => {
  it('is told by the service as what it is, once, and nothing was asked', async (t) => {
    let requests = 0
    const url = await selfSigned(t, (_, answer) => {
      requests += 1
      answer.end()
    })
    const { environment } = await world(t, FULL_HOME)
    const { code, lines } = await runService({ ...environment(FULL_OPTIONS), COZY_URL: url })
    assert.equal(code, 1)
    assert.deepEqual(
      lines.filter(({ message }) => message.includes('certificate')),
      [
        { type: 'error', message: `${url}: ${FAULT}` },
        { type: 'critical', message: "the memory: the Cozy's certificate is not trusted" },
      ],
    )
    assert.equal(requests, 0)
  })

  it('is trusted where the environment says so', async (t) => {
    const { cozy, dacc: server, environment } = await world(t, FULL_HOME)
    const url = await selfSigned(t, (request, answer) => {
      const { method = 'GET', headers, url: path = '/' } = request
      request.pipe(
        http.request(new URL(path, cozy.url), { method, headers }, (incoming) => {
          answer.writeHead(incoming.statusCode ?? 500, incoming.headers)
          incoming.pipe(answer)
        }),
      )
    })
    const folder = await mkdtemp(path.join(tmpdir(), 'dacc-certificate-'))
    t.after(() => rm(folder, { recursive: true }))
    const file = path.join(folder, 'cozy.pem')
    await writeFile(file, CERTIFICATE)
    const { code } = await runService({ ...environment(FULL_OPTIONS), COZY_URL: url, NODE_EXTRA_CA_CERTS: file })
    assert.equal(code, 0)
    assert.deepEqual(await stored(server), await previewed(FULL_HOME, FULL_OPTIONS))
  })

  it('is told by every command that asks a Cozy or a DACC', async (t) => {
    const url = await selfSigned(t, (_, answer) => {
      answer.end()
    })
    const env = { COZY_URL: url, COZY_CREDENTIALS: 'token', DACC_TOKEN: 'token' }
    const measure =
      '{"createdBy":"ecolyo","measureName":"connection-count-daily","startDate":"2024-03-09","value":1,"group1":{"device":"mobile"}}\n'
    for (const args of [
      ['run'],
      ['run', '--dry-run'],
      ['status', url],
      ['receipts', url],
      ['send', '-', '--dacc', url],
      ['send', '-', '--remote', 'cc.cozycloud.dacc_v2'],
    ]) {
      const { code, stderr } = await dacc(args, { env, stdin: measure })
      assert.equal(code, 4, `${args.join(' ')}: ${stderr}`)
      assert.ok(stderr.includes(FAULT), `${args.join(' ')}: ${stderr}`)
    }
  })
})

describe('plain http', () => {
  it('is open unless it ends on this machine', () => {
    for (const url of [
      'http://localhost:8080',
      'http://127.0.0.1',
      'http://127.8.0.1:1',
      'http://[::1]:80',
      'http://alice.cozy.localhost',
      'https://alice.mycozy.cloud',
    ]) {
      assert.ok(!isUnencrypted(new URL(url)), url)
    }
    for (const url of [
      'http://alice.mycozy.cloud',
      'http://192.168.1.2',
      'http://127.0.0.1.example.org',
      'http://localhost.example.org',
      'http://[::2]',
    ]) {
      assert.ok(isUnencrypted(new URL(url)), url)
    }
  })

  it('gets no token from the command line, unless that is wanted', async () => {
    const address = 'http://cozy.invalid'
    const env = { COZY_URL: address, COZY_CREDENTIALS: 'secret', DACC_TOKEN: 'secret' }
    const commands = [
      ['run'],
      ['status', address],
      ['report', address],
      ['export', address],
      ['send', '-', '--remote', 'cc.cozycloud.dacc_v2'],
      ['send', '-', '--dacc', address],
    ]
    for (const args of commands) {
      const { code, stderr } = await dacc(args, { env, stdin: '\n' })
      assert.match(
        stderr,
        /^dacc: (?:COZY_URL|the Cozy|--dacc): over plain http the token can be read on the way to cozy\.invalid; write https:\/\/, or --insecure where nobody else is on the way\n$/,
        args.join(' '),
      )
      assert.equal(code, 2, args.join(' '))
    }
    const { code, stderr } = await dacc(['status', address, '--insecure'], { env })
    assert.equal(code, 4, stderr)
  })

  it('is warned of by the service, which goes where the stack tells it', async (t) => {
    const { environment } = await world(t, FULL_HOME)
    const { lines } = await runService({
      ...environment(FULL_OPTIONS),
      COZY_URL: 'http://cozy.invalid',
      COZY_TIME_LIMIT: '20',
    })
    assert.deepEqual(lines[0], {
      type: 'warn',
      message: 'http://cozy.invalid: this is plain http, so that the token can be read on the way',
    })
  })
})
