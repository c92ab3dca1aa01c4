import type { ConfigVersion } from '#contracts/api/config-api.ts';
import { css, html, LitElement, nothing } from 'lit';
import type { ApiProblem } from '../../data/api-problem.ts';
import type { ConfigData } from '../../data/config-data.ts';
import { choiceStyles } from '../../ui/choice-styles.ts';
import { hostStyles } from '../../ui/host-styles.ts';
import '../../ui/x-button.ts';
import '../../ui/x-select.ts';
import '../../ui/x-text-field.ts';
import { planWords } from './config-model.ts';

/** Chooses a version, gateways and waves, and says what will happen before it does. */
export class ConfigPushForm extends LitElement {
  static override styles = [
    hostStyles,
    choiceStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: var(--space-3);
        padding: var(--space-3) var(--space-4);
      }

      .row {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
        align-items: center;
      }

      .label {
        font-size: var(--text-s);
        color: var(--fg-muted);
      }

      textarea {
        display: block;
        width: 100%;
        min-height: 180px;
        padding: 8px 10px;
        border: 1px solid var(--control-line);
        border-radius: var(--radius);
        background: var(--surface);
        color: var(--fg);
        font-family: var(--mono);
        font-size: var(--text-s);
        line-height: 1.5;
        resize: vertical;
      }

      x-select {
        width: min(420px, 100%);
      }

      x-select.wave {
        width: 190px;
      }

      x-text-field {
        flex: 1;
        min-width: 200px;
      }

      .problem {
        color: var(--danger);
      }
    `,
  ];
  static override properties = {
    data: { attribute: false },
    gateways: { attribute: false },
    _versions: { state: true },
    _version: { state: true },
    _chosen: { state: true },
    _waveSize: { state: true },
    _writing: { state: true },
    _text: { state: true },
    _note: { state: true },
    _busy: { state: true },
    _problem: { state: true },
  };
  declare data: ConfigData;
  /** Those that take pushes. */
  declare gateways: readonly string[];
  declare _versions: readonly ConfigVersion[];
  declare _version: number | undefined;
  declare _chosen: ReadonlySet<string>;
  declare _waveSize: number;
  declare _writing: boolean;
  declare _text: string;
  declare _note: string;
  declare _busy: boolean;
  declare _problem: ApiProblem | undefined;

  constructor() {
    super();
    this.gateways = [];
    this._versions = [];
    this._version = undefined;
    this._chosen = new Set();
    this._waveSize = 1;
    this._writing = false;
    this._text = '';
    this._note = '';
    this._busy = false;
    this._problem = undefined;
  }

  override firstUpdated(): void {
    void this.#load();
  }

  override render() {
    const chosen = this.gateways.filter((one) => this._chosen.has(one));
    const waveSizes = [1, 2, 5, 10, 25, 100].map((size) => ({
      value: String(size),
      label: `${size} at a time`,
    }));
    const ready = this._version !== undefined && chosen.length > 0 && !this._busy;
    return html`<div class="row">
        <x-select
          label="Version"
          .options=${this._versions.map(({ note, version }) => ({
            value: String(version),
            label: `${version} · ${note}`,
          }))}
          .value=${this._version === undefined ? '' : String(this._version)}
          @value-change=${(event: CustomEvent<string>) => (this._version = Number(event.detail))}
        ></x-select>
        <x-button .pressed=${this._writing} @click=${() => (this._writing = !this._writing)}
          >New version…</x-button
        >
      </div>
      ${this._writing ? this.#writer() : nothing}
      <fieldset>
        <legend>Gateways, in the order in which they get it</legend>
        <div class="choices">${this.#choices()}</div>
      </fieldset>
      <div class="row">
        <x-select
          class="wave"
          label="Waves"
          .options=${waveSizes}
          .value=${String(this._waveSize)}
          @value-change=${(event: CustomEvent<string>) => (this._waveSize = Number(event.detail))}
        ></x-select>
        <x-button kind="primary" ?disabled=${!ready} @click=${() => void this.#push(chosen)}
          >Push</x-button
        >
        <x-button kind="quiet" @click=${() => this.dispatchEvent(new CustomEvent('done'))}
          >Close</x-button
        >
      </div>
      <p class="muted" aria-live="polite">
        ${planWords(this._version, chosen.length, this._waveSize)}
      </p>
      ${
        this._problem === undefined
          ? nothing
          : html`<p class="problem" role="alert">${this._problem.message}</p>`
      }`;
  }

  #choices() {
    if (this.gateways.length === 0) {
      return html`<span class="muted"
        >None takes pushes yet: set <code>configOwner: hub</code> in the file of a gateway.</span
      >`;
    }
    return this.gateways.map(
      (gateway) =>
        html`<label
          ><input
            type="checkbox"
            .checked=${this._chosen.has(gateway)}
            @change=${() => this.#toggle(gateway)}
          />${gateway}</label
        >`,
    );
  }

  #writer() {
    return html`<div>
        <label class="label" for="text"
          >Sections as in the file of a gateway, YAML. A section that is left out stays as it is at
          each gateway.</label
        >
        <textarea
          id="text"
          spellcheck="false"
          .value=${this._text}
          @input=${(event: Event) => (this._text = (event.target as HTMLTextAreaElement).value)}
        ></textarea>
      </div>
      <div class="row">
        <x-text-field
          inline
          label="What it is for"
          .value=${this._note}
          @value-change=${(event: CustomEvent<string>) => (this._note = event.detail)}
        ></x-text-field>
        <x-button
          ?disabled=${this._busy || this._text.trim() === ''}
          @click=${() => void this.#save()}
          >Keep as a version</x-button
        >
      </div>`;
  }

  #toggle(gateway: string): void {
    const chosen = new Set(this._chosen);
    if (!chosen.delete(gateway)) chosen.add(gateway);
    this._chosen = chosen;
  }

  async #load(): Promise<void> {
    const answer = await this.data.versions();
    if (!answer.ok) {
      this._problem = answer.problem;
      return;
    }
    this._versions = answer.value;
    this._version ??= answer.value[0]?.version;
  }

  async #save(): Promise<void> {
    this._busy = true;
    const answer = await this.data.add({ text: this._text, note: this._note.slice(0, 300) });
    this._busy = false;
    this._problem = answer.ok ? undefined : answer.problem;
    if (!answer.ok) return;
    this._writing = false;
    this._version = answer.value.version;
    await this.#load();
  }

  async #push(gateways: readonly string[]): Promise<void> {
    const version = this._version;
    if (version === undefined) return;
    this._busy = true;
    const { _waveSize: waveSize } = this;
    const answer = await this.data.push({ version, gateways: [...gateways], waveSize });
    this._busy = false;
    this._problem = answer.ok ? undefined : answer.problem;
    if (answer.ok) this.dispatchEvent(new CustomEvent('done'));
  }
}
customElements.define('config-push-form', ConfigPushForm);
