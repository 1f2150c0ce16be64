import { classifyAnswer, classifyNoAnswer, type Delivery } from '../../../pkg/wasm/dacc_aggregator.js'
import type { HttpResponse, NoResponse } from '../../hosts/http-client.ts'

/** What became of a measure that was sent by hand: one that did not arrive stops all others, whatever the cause. */
export type SendOutcome = Exclude<Delivery['outcome'], 'not-yet' | 'not-now'> | 'not-sent'

/** What the module says of an outcome, and why: the server's own sentence where it has one, or what only this host saw. */
export function describeDelivery(response: HttpResponse | NoResponse): { outcome: SendOutcome; reason: string } {
  const delivery =
    'status' in response
      ? classifyAnswer(response.status, response.contentType, response.body)
      : classifyNoAnswer(response.written, response.why)
  const own = 'status' in response ? undefined : response.sentence
  const { outcome: known, said } = delivery
  const outcome = known === 'not-yet' || known === 'not-now' ? 'not-sent' : known
  return { outcome, reason: own ?? (outcome === 'refused' || outcome === 'held' ? said : undefined) ?? delivery.reason }
}
