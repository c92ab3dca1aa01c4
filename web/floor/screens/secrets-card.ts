import type { FloorSecret } from '#contracts/api/floor-secret-api.ts';
import { html, nothing, type TemplateResult } from 'lit';
import { status } from '../../ui/status.ts';
import { timeAgo } from '../../ui/time-text.ts';
import { formatDay } from '../../format/times.ts';

/** Where keys and secrets lie, those in trouble first; the page never knows what is in them. */
export function secretsCard(
  secrets: readonly FloorSecret[],
  nowMs: number,
): TemplateResult | typeof nothing {
  if (secrets.length === 0) return nothing;
  const troubled = secrets.filter(({ fault }) => fault !== undefined);
  const well = secrets.filter(({ fault }) => fault === undefined);
  return html`<section class="card" aria-label="Keys and secrets">
    <h2>Keys and secrets</h2>
    <ul class="rows">
      ${[...troubled, ...well].map((secret) => row(secret, nowMs))}
    </ul>
  </section>`;
}

function row(secret: FloorSecret, nowMs: number): TemplateResult {
  const { what, path, mode, fingerprint, changedAt, expiresAt, fault } = secret;
  return html`<li>
    <div class="line">
      <span class="name">${what}</span
      >${changedAt === undefined ? nothing : html`<span class="note">${timeAgo(changedAt, nowMs)}</span>`}
    </div>
    <p class="note">
      ${path}${mode === undefined ? '' : `, mode ${mode}`}${fingerprint === undefined ? '' : `, ${fingerprint}`}${expiresAt === undefined ? '' : `, until ${formatDay(expiresAt)}`}
    </p>
    ${fault === undefined ? nothing : html`<div>${status('warn', fault)}</div>`}
  </li>`;
}
