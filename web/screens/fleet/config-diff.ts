import type { ConfigVersion } from '#contracts/api/config-api.ts';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { problemWords, type ApiProblem } from '../../data/api-problem.ts';
import type { ConfigData } from '../../data/config-data.ts';
import { countOf } from '../../format/numbers.ts';
import type { VersionPair } from '../../paths.ts';
import { hostStyles } from '../../ui/host-styles.ts';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-select.ts';
import '../../ui/x-skeleton.ts';
import { diffStyles } from './diff-styles.ts';
import { diffLines, hunksOf, withoutSecrets, type DiffHunk, type DiffLine } from './line-diff.ts';

interface Compared {
  readonly hunks: readonly DiffHunk[];
  readonly removed: number;
  readonly added: number;
}

const signs: Readonly<Record<DiffLine['type'], readonly [sign: string, words: string]>> = {
  same: [' ', ''],
  removed: ['−', 'removed: '],
  added: ['+', 'added: '],
};

/** What differs between two versions, line by line. Tells `compare` {from, to} and `done`. */
export class ConfigDiff extends LitElement {
  static override styles = [hostStyles, diffStyles];
  static override properties = {
    data: { attribute: false },
    pair: { attribute: false },
    _versions: { state: true },
    _compared: { state: true },
    _problem: { state: true },
  };
  declare data: ConfigData;
  declare pair: VersionPair;
  declare _versions: readonly ConfigVersion[];
  declare _compared: Compared | undefined;
  declare _problem: ApiProblem | undefined;

  constructor() {
    super();
    this._versions = [];
    this._compared = undefined;
    this._problem = undefined;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('pair') && !isSamePair(changed.get('pair'), this.pair)) void this.#load();
  }

  override render() {
    return html`<div class="row">
        <h3>Compare versions</h3>
        ${this.#select('From', 'from')} ${this.#select('To', 'to')}
        <x-button
          kind="quiet"
          @click=${() => this.#choose({ from: this.pair.to, to: this.pair.from })}
          >Swap</x-button
        >
        <span class="grow"></span>
        <x-button kind="quiet" @click=${() => this.dispatchEvent(new CustomEvent('done'))}
          >Close</x-button
        >
      </div>
      ${this.#body()}`;
  }

  #select(label: string, side: keyof VersionPair): TemplateResult {
    const chosen = this.pair[side];
    const known = this._versions.some(({ version }) => version === chosen);
    const options = this._versions.map(({ note, version }) => ({
      value: String(version),
      label: `${version} · ${note}`,
    }));
    if (!known) options.unshift({ value: String(chosen), label: String(chosen) });
    return html`<x-select
      label=${label}
      .options=${options}
      .value=${String(chosen)}
      @value-change=${(event: CustomEvent<string>) =>
        this.#choose({ ...this.pair, [side]: Number(event.detail) })}
    ></x-select>`;
  }

  #body(): TemplateResult {
    if (this._problem !== undefined) {
      const { title, advice } = problemWords(this._problem);
      return html`<x-notice tone="bad" heading=${title} advice=${advice}
        ><x-button @click=${() => void this.#load()}>Try again</x-button></x-notice
      >`;
    }
    const compared = this._compared;
    if (compared === undefined) {
      return html`<x-skeleton rows="5" label="Loading both versions"></x-skeleton>`;
    }
    const { added, hunks, removed } = compared;
    if (hunks.length === 0) {
      return html`<p class="muted" role="status">Both say the same, line by line.</p>`;
    }
    return html`<p class="muted" role="status">
        ${countOf(removed, 'line')} removed, ${countOf(added, 'line')} added. Lines between the
        parts are equal; a section that is left out stays as it is at each gateway.
      </p>
      <div class="lines" tabindex="0" role="group" aria-label="Lines that differ">
        ${hunks.map(({ lines }, at) => [
          at === 0 ? nothing : html`<div class="skip" aria-hidden="true">⋯</div>`,
          lines.map(lineRow),
        ])}
      </div>`;
  }

  #choose(pair: VersionPair): void {
    this.dispatchEvent(new CustomEvent('compare', { detail: pair }));
  }

  async #load(): Promise<void> {
    this._compared = undefined;
    this._problem = undefined;
    const pair = this.pair;
    const [versions, from, to] = await Promise.all([
      this.data.versions(),
      this.data.text(pair.from),
      this.data.text(pair.to),
    ]);
    if (!isSamePair(this.pair, pair)) return;
    if (versions.ok) this._versions = versions.value;
    const refused = [from, to].find((each) => !each.ok);
    if (refused?.ok === false) this._problem = refused.problem;
    if (from.ok && to.ok) this._compared = compare(from.value.text, to.value.text);
  }
}
customElements.define('config-diff', ConfigDiff);

/** Whoever draws this reads the pair from the URL anew each time. */
function isSamePair(a: VersionPair | undefined, b: VersionPair): boolean {
  return a?.from === b.from && a.to === b.to;
}

function compare(from: string, to: string): Compared {
  const lines = diffLines(from, to);
  const countOfType = (type: DiffLine['type']) => lines.filter((line) => line.type === type).length;
  return { hunks: hunksOf(lines), removed: countOfType('removed'), added: countOfType('added') };
}

function lineRow({ from, text, to, type }: DiffLine): TemplateResult {
  const [sign, words] = signs[type];
  return html`<div class="line ${type}">
    <span class="at" aria-hidden="true">${from ?? ''}</span
    ><span class="at" aria-hidden="true">${to ?? ''}</span
    ><span class="sign" aria-hidden="true">${sign}</span
    ><span class="visually-hidden">${words}</span><code>${withoutSecrets(text)}</code>
  </div>`;
}
