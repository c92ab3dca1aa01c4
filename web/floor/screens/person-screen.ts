import { html, nothing, type TemplateResult } from 'lit';
import { countOf, formatCount } from '../../format/numbers.ts';
import { formatMinute } from '../../format/times.ts';
import { applyTheme, storedTheme, storeTheme, type ThemeChoice } from '../../theme/theme-choice.ts';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import { timeAgo } from '../../ui/time-text.ts';
import { floorProblemWords } from '../data/floor-problem.ts';
import { floorPath } from '../floor-paths.ts';
import { FloorScreen } from '../floor-screen.ts';
import type { ApiProblem } from '../../data/api-problem.ts';
import '../ui/floor-choice.ts';
import type { KeptState } from '../worker/page-keeper.ts';
import { floorStyles } from '../ui/floor-styles.ts';

/** Who is signed in, what they may do here and until when, and what is still on its way. */
export class PersonScreen extends FloorScreen {
  static override styles = floorStyles;
  static override properties = { problem: { state: true } };
  declare problem: ApiProblem | undefined;

  constructor() {
    super();
    this.problem = undefined;
  }

  protected override watched() {
    const keeper = { subscribe: (again: () => void) => this.parts.keeper.changed.add(again) };
    return [keeper, this.parts.data.site];
  }

  protected override scanned(code: string): void {
    this.parts.router.go(floorPath({ screen: 'find', code }));
  }

  override render() {
    const { problem } = this;
    const words = problem === undefined ? undefined : floorProblemWords(problem);
    return html`<div class="columns">
      <div>${this.#rights()} ${this.#waiting()}</div>
      <div>
        <section class="card form" aria-label="This device">
          <floor-choice
            label="Screen"
            .value=${storedTheme(localStorage)}
            .options=${[
              { value: 'system', label: 'As the device' },
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
            ]}
            @value-change=${(event: CustomEvent<ThemeChoice>) => {
              storeTheme(localStorage, event.detail);
              applyTheme(document.documentElement, event.detail);
            }}
          ></floor-choice>
          ${
            words === undefined
              ? nothing
              : html`<x-notice
                  kind="banner"
                  tone="bad"
                  heading="${words.title}."
                  advice=${words.advice}
                ></x-notice>`
          }
          <dl class="facts">
            <dt>Opens without the network</dt>
            <dd>${keptWords[this.parts.keeper.state]}</dd>
          </dl>
          <x-button class="wide" @click=${this.#signOut}>Sign out</x-button>
        </section>
      </div>
    </div>`;
  }

  #rights(): TemplateResult {
    const { name, role, lease, credentialUntilMs, zones, owners, may } = this.session;
    const nowMs = this.parts.hubTime.nowMs();
    const only = this.parts.data.site.value?.onDocumentOnly ?? [];
    return html`<section class="card" aria-label="Your rights here">
      <div class="title">
        <h2>${name}</h2>
        <span class="note">${role}</span>
      </div>
      <div class="form">
        <dl class="facts">
          <dt>May</dt>
          <dd>${may.length === 0 ? 'look' : may.join(', ')}</dd>
          ${
            only.length === 0
              ? nothing
              : html`<dt>Only on a document</dt>
                  <dd>${only.join(', ')}</dd>`
          }
          <dt>Zones</dt>
          <dd>${zones === null ? 'all' : zones.join(', ')}</dd>
          <dt>Owners</dt>
          <dd>${owners === null ? 'all' : owners.join(', ')}</dd>
          ${
            lease === null
              ? nothing
              : html`<dt>Rights until</dt>
                  <dd>${formatMinute(lease.validUntilMs, nowMs)}</dd>
                  <dt>Adjust at once</dt>
                  <dd>${formatCount(lease.limitPerEntry)} units</dd>
                  <dt>Left to adjust</dt>
                  <dd>
                    ${formatCount(lease.leftUnits)} of ${formatCount(lease.limitCumulative)} units
                  </dd>`
          }
          <dt>Password good until</dt>
          <dd>${formatMinute(credentialUntilMs, nowMs)}, also without the hub</dd>
        </dl>
      </div>
    </section>`;
  }

  #waiting(): TemplateResult | typeof nothing {
    const { waiting, ofOthers } = this.parts.outbox;
    if (waiting.length + ofOthers.length === 0) return nothing;
    return html`<section class="card" aria-label="On the way">
      <h2>On the way</h2>
      <ul class="rows">
        ${waiting.map(
          ({ title, madeAtMs }) =>
            html`<li class="line">
              <span class="name">${title}</span
              ><span class="note">${timeAgo(madeAtMs, this.parts.hubTime.nowMs())}</span>
            </li>`,
        )}
        ${ofOthers.map(
          ({ count, name, sinceMs }) =>
            html`<li class="line">
              <span class="name">${countOf(count, 'act')} of ${name}</span
              ><span class="note"
                >${timeAgo(sinceMs, this.parts.hubTime.nowMs())}, sent when they sign in here</span
              >
            </li>`,
        )}
      </ul>
    </section>`;
  }

  readonly #signOut = (): void => {
    void this.parts.session.signOut().then((problem) => {
      this.problem = problem;
    });
  };
}
customElements.define('person-screen', PersonScreen);

const keptWords: Readonly<Record<KeptState, string>> = {
  asking: 'not yet',
  kept: 'yes: a reload shows it',
  'no-secure-context': 'no: only over https',
  failed: 'no: this browser keeps no pages',
};
