// Classifies the response to a measure that was sent by hand.

import { classifyAnswer, classifyNoAnswer, type Delivery } from '../../../pkg/wasm/dacc_aggregator.js'
import type { HttpResponse, NoResponse } from '../../hosts/http-client.ts'

/** The outcome of a measure that was sent by hand. `not-sent` stops sending, whatever the cause. */
export type SendOutcome = Exclude<Delivery['outcome'], 'not-yet' | 'not-now'> | 'not-sent'

/** Classifies a response. The reason is the server's sentence, or what only this host saw. */
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
