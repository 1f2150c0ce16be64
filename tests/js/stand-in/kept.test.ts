import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { load } from '../../../js/api/index.node.ts'
import { openEmbedded } from '../../../js/stand-in/postgres/embedded.ts'
import { type Stack, startStack } from '../../../js/stand-in/stack.ts'
import { send } from './support.ts'

const HOME = { a: [{ _id: 'x' }, { _id: 'y' }] }

async function temporary(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dacc-kept-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

const start = async (folder: string): Promise<Stack> =>
  startStack({ aggregator: await load(), home: HOME, storage: { folder } })

/** What is there between one start and the next end. */
async function during(
  folder: string,
  act: (stack: Stack) => Promise<unknown>,
): Promise<[kept: number | undefined, loaded: number | undefined]> {
  const stack = await start(folder)
  try {
    await act(stack)
    return [stack.restored, stack.loaded?.documents]
  } finally {
    await stack.close()
  }
}

test('a home that was emptied stays empty, whether at once or one document after the other', async (t) => {
  const folder = await temporary(t)
  const empty = async ({ url }: Stack): Promise<void> => {
    assert.equal((await send(`${url}/dev/home`, { method: 'PUT', body: {} })).status, 200)
  }
  const remove = async ({ url, token }: Stack): Promise<void> => {
    for (const { _id, _rev } of (await send(`${url}/dev/home`)).json.a) {
      assert.equal((await send(`${url}/data/a/${_id}?rev=${_rev}`, { method: 'DELETE', token })).status, 200)
    }
  }
  const fill = async ({ url }: Stack): Promise<void> => {
    assert.equal((await send(`${url}/dev/home`, { method: 'PUT', body: HOME })).status, 200)
  }
  assert.deepEqual(await during(folder, empty), [0, 2])
  assert.deepEqual(await during(folder, fill), [0, undefined])
  assert.deepEqual(await during(folder, remove), [2, undefined])
  assert.deepEqual(
    await during(folder, async ({ url }) => {
      assert.deepEqual((await send(`${url}/dev/home`)).json, { a: [] })
    }),
    [0, undefined],
  )
})

test('a start that fails leaves its folder to the next one', async (t) => {
  const folder = await temporary(t)
  await during(folder, async () => {})
  const broken = await openEmbedded(folder)
  await broken.run(`UPDATE cozy.document SET content = '{' WHERE id = 'x'`)
  await broken.close()
  await assert.rejects(start(folder), /JSON/)
  assert.ok(!existsSync(join(folder, 'in-use-by')))
  const mended = await openEmbedded(folder)
  await mended.run(`DELETE FROM cozy.document WHERE id = 'x'`)
  await mended.close()
  assert.deepEqual(await during(folder, async () => {}), [1, undefined])
})
