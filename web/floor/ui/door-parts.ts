import type { FloorDoor } from '#contracts/api/floor-doors-api.ts';
import { html, nothing, type TemplateResult } from 'lit';
import { formatMinute } from '../../format/times.ts';
import { status } from '../../ui/status.ts';
import { lastSaid, passageName, sourcesSaid } from '../words/door-words.ts';

/** A door: what passes now, and what its sources agreed on last. */
export function doorPart(door: FloorDoor, nowMs: number): TemplateResult {
  const said = lastSaid(door);
  const { last, passing, portal } = door;
  return html`${passing.map(
    ({ direction, documents, sources }) =>
      html`<div class="line">
          <span class="name">${portal} · ${passageName(direction, documents)}</span
          >${status('info', 'passing now')}
        </div>
        <div class="note">${sourcesSaid(sources)}</div>`,
  )}
  ${
    last === null || said === undefined
      ? nothing
      : html`<div class=${passing.length > 0 ? 'line then' : 'line'}>
            <span class="name">${portal} · ${passageName(last.direction, last.documents)}</span
            >${status(said.tone, said.tag)}
          </div>
          <div>${said.text}</div>
          <div class="note">${said.detail} · ${formatMinute(last.endedAt, nowMs)}</div>`
  }`;
}

/** RFID, conveyor and scans against a document, as the doors have them. */
export function documentDoors(
  all: readonly FloorDoor[],
  document: string,
  nowMs: number,
): TemplateResult | typeof nothing {
  const doors = all.filter(
    ({ last, passing }) =>
      last?.documents?.includes(document) === true ||
      passing.some(({ documents }) => documents.includes(document)),
  );
  if (doors.length === 0) return nothing;
  return html`<section class="card" aria-label="At the doors">
    <h2>At the doors</h2>
    <ul class="rows">
      ${doors.map((door) => html`<li>${doorPart(door, nowMs)}</li>`)}
    </ul>
  </section>`;
}
