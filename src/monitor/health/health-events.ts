/** A change of health as it is told to those outside, from the record of the instance. */

import type { ChangeToTell } from '../../instances/model/health-to-tell.ts';
import type { EventDraft } from '../events/model/event-catalogue.ts';

export function healthEvents(
  { service, id: instance }: { readonly service: string; readonly id: string },
  { at: time, from, to, flaps }: ChangeToTell,
): EventDraft[] {
  const about = { service, instance };
  return [
    ...(from === to
      ? []
      : [{ type: 'instance.health-changed' as const, time, data: { ...about, from, to } }]),
    ...(flaps === true ? [{ type: 'instance.quarantined' as const, time, data: about }] : []),
  ];
}
