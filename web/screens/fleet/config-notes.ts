import { html, nothing, type TemplateResult } from 'lit';
import { formatDuration, formatMinute } from '../../format/times.ts';
import type { VersionPair } from '../../paths.ts';
import { status } from '../../ui/status.ts';
import { timeAgo } from '../../ui/time-text.ts';
import '../../ui/x-button.ts';
import {
  comparablePair,
  faultWords,
  standingWords,
  versionWords,
  type ConfigLine,
} from './config-model.ts';

/** What there is to say about where a gateway stands, beyond its row. */
export function configNote(
  line: ConfigLine,
  nowMs: number,
  compare: (pair: VersionPair) => void,
): TemplateResult | typeof nothing {
  const said = [overrideText(line, nowMs), driftText(line, nowMs), refusalText(line, nowMs)];
  if (said.every((each) => each === nothing)) return nothing;
  const { tone, words } = standingWords(line, nowMs);
  const pair = comparablePair(line);
  return html`<section class="card note" aria-label="Configuration of ${line.gateway}">
    <div class="line">
      <b>${line.gateway}</b> ${status(tone, words)}
      <span class="grow"></span>
      ${
        pair === undefined
          ? nothing
          : html`<x-button
              hover="Line by line: what is in force against what is wanted"
              @click=${() => compare(pair)}
              >Compare ${pair.from} and ${pair.to}</x-button
            >`
      }
    </div>
    ${said}
  </section>`;
}

/** Who put another configuration in force at the site, why, and until when. */
function overrideText({ override }: ConfigLine, nowMs: number) {
  if (override === null) return nothing;
  const { by, deferredVersion, reason, since, until } = override;
  const left = until - nowMs;
  const ends =
    left > 0
      ? `Ends ${formatMinute(until, nowMs)}, in ${formatDuration(left)}`
      : `Ended ${formatMinute(until, nowMs)}; the gateway hands back`;
  return html`<p>
      Put in force at the site by <span class="mono">${by}</span> ${timeAgo(since, nowMs)}:
      “${reason}”
    </p>
    <p class="muted">
      ${ends}.
      ${
        deferredVersion === null
          ? 'Then the former configuration is in force again.'
          : `Then ${versionWords(deferredVersion)} takes effect, which waits at the gateway.`
      }
    </p>`;
}

/** That what runs is not what the hub wants, and since when. */
function driftText(line: ConfigLine, nowMs: number) {
  if (line.standing !== 'drift') return nothing;
  const { appliedAt, inForceVersion, wantedVersion } = line;
  const runs =
    inForceVersion === null
      ? 'a configuration that no version of the hub made'
      : versionWords(inForceVersion);
  const since = appliedAt === null ? '' : ` since ${formatMinute(appliedAt, nowMs)}`;
  const want = wantedVersion === null ? 'another one' : versionWords(wantedVersion);
  return html`<p>In force is ${runs}${since}; the hub wants ${want}.</p>
    <p class="muted">
      ${inForceVersion === null ? 'Its text is at the gateway only. ' : nothing}Push ${want} again
      to bring the gateway back.
    </p>`;
}

function refusalText({ refused }: ConfigLine, nowMs: number) {
  if (refused === null) return nothing;
  const what = refused.version === null ? 'a configuration' : versionWords(refused.version);
  return html`<p>
      ${what}: ${refused.text} <span class="muted">${timeAgo(refused.atMs, nowMs)}</span>
    </p>
    ${
      refused.faults.length === 0
        ? nothing
        : html`<ul>
            ${refused.faults.map((fault) => html`<li>${faultWords(fault)}</li>`)}
          </ul>`
    }`;
}
