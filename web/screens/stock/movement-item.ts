import type { Movement } from '#contracts/api/stock-api.ts';
import { css, html, nothing, type TemplateResult } from 'lit';
import { countOf, formatPermille, formatSigned } from '../../format/numbers.ts';
import { timeAgo } from '../../ui/time-text.ts';
import { formatAbsolute } from '../../format/times.ts';
import { accountWords } from './stock-model.ts';

/** One ledger line: what it moved, from or to where, who saw it, how sure it was. */
export function drawMovement(
  movement: Movement,
  nowMs: number,
  open: (event: string) => void,
): TemplateResult {
  const { quantity, counterAccount, device, certaintyPermille, serials } = movement;
  const times = `occurred ${formatAbsolute(movement.occurredAt)}\nreceived ${formatAbsolute(movement.receivedAt)}\nrecorded ${formatAbsolute(movement.recordedAt)}`;
  const facts = [
    device === null ? 'no device' : `seen by ${device}`,
    certaintyPermille === null ? undefined : `certainty ${formatPermille(certaintyPermille)}`,
    serials.length === 0 ? undefined : countOf(serials.length, 'serial'),
  ].filter((each) => each !== undefined);
  return html`<li>
    <button @click=${() => open(movement.event)} title="Show the event and its proof">
      <span class="line">
        <b class=${quantity < 0 ? 'out' : 'in'}>${formatSigned(quantity)}</b>
        <span>${quantity < 0 ? 'to' : 'from'} ${accountWords(counterAccount)}</span>
        <span class="ago" title=${times}>${timeAgo(movement.occurredAt, nowMs)}</span>
      </span>
      <span class="muted">${movement.kind} · ${facts.join(' · ')}</span>
      <span class="muted mono">${movement.event}</span>
      ${
        serials.length === 0
          ? nothing
          : html`<span class="muted mono serials"
              >${serials.slice(0, 3).join(' ')}${serials.length > 3 ? ' …' : ''}</span
            >`
      }
    </button>
  </li>`;
}

export const movementStyles = css`
  .lead {
    margin: 12px 0 10px;
    font-size: var(--text-m);
    font-weight: 600;
  }

  .why {
    margin-left: 6px;
    border-left: 2px solid var(--line-strong);
  }

  .why li {
    position: relative;
    padding: 0 0 4px 8px;
  }

  .why li::before {
    content: '';
    position: absolute;
    left: -6px;
    top: 9px;
    width: 10px;
    height: 10px;
    border: 2px solid var(--accent);
    border-radius: 99px;
    background: var(--surface);
  }

  .why button {
    display: grid;
    gap: 1px;
    width: 100%;
    padding: 4px 6px;
    border: 0;
    border-radius: var(--radius);
    background: none;
    text-align: start;
    cursor: pointer;
  }

  .why button:hover {
    background: var(--sunken);
  }

  .why .line {
    display: flex;
    gap: 6px;
  }

  .why .ago {
    margin-left: auto;
    color: var(--fg-muted);
    white-space: nowrap;
  }

  .serials {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
`;
