import type { SitePeoplePage, SitePersonRow } from '#contracts/api/site-people-api.ts';
import { personRoles, type PersonRole } from '#contracts/people.ts';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { problemWords, type Answer } from '../../data/api-problem.ts';
import type { SitePeopleData } from '../../data/site-people-data.ts';
import { choiceStyles } from '../../ui/choice-styles.ts';
import { hostStyles } from '../../ui/host-styles.ts';
import '../../ui/x-button.ts';
import type { XPasswordField } from '../../ui/x-password-field.ts';
import '../../ui/x-password-field.ts';
import '../../ui/x-select.ts';
import type { XTextField } from '../../ui/x-text-field.ts';
import '../../ui/x-text-field.ts';
import { roleWords } from './people-model.ts';
import {
  changeOf,
  changeWords,
  draftFaults,
  draftOf,
  newPersonOf,
  rebased,
  refusedFaults,
  zonesAt,
  zonesOf,
  zoneToggled,
  type DraftFaults,
  type PersonDraft,
} from './person-draft.ts';
import { personFormStyles } from './person-form-styles.ts';

type TextField = Exclude<keyof PersonDraft, 'role' | 'sites' | 'password'>;

/** Adds somebody, or changes them. A fault stands at its field. Tells `saved` with the person. */
export class PersonForm extends LitElement {
  static override styles = [hostStyles, choiceStyles, personFormStyles];
  static override properties = {
    data: { attribute: false },
    person: { attribute: false },
    sites: { attribute: false },
    zones: { attribute: false },
    _draft: { state: true },
    _faults: { state: true },
    _problem: { state: true },
    _busy: { state: true },
  };
  declare data: SitePeopleData;
  /** Undefined: somebody new. */
  declare person: SitePersonRow | undefined;
  /** Those that have a gateway. */
  declare sites: readonly string[];
  /** As far as the hub knows them. */
  declare zones: SitePeoplePage['zones'];
  declare _draft: PersonDraft;
  declare _faults: DraftFaults;
  declare _problem: string;
  declare _busy: boolean;

  constructor() {
    super();
    this.person = undefined;
    this.sites = [];
    this.zones = [];
    this._draft = draftOf(undefined);
    this._faults = {};
    this._problem = '';
    this._busy = false;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('person')) return;
    const { person } = this;
    const before = changed.get('person');
    if (before === undefined || before.id !== person?.id) this.#begin(person);
    else this._draft = rebased(this._draft, before, person);
  }

  override render() {
    const { person } = this;
    return html`<form novalidate @submit=${this.#submit} @keydown=${this.#pressed}>
      ${
        person === undefined
          ? this.#text('username', 'User name', 'What they type to sign in')
          : nothing
      }
      ${this.#text('name', 'Name', 'Stays out of events, so that it can be erased')} ${this.#role()}
      ${this.#sites()} ${this.#zones()}
      ${this._draft.role === 'supervisor' ? this.#limits() : nothing}
      ${this.#text('offlineDays', 'Days without the hub', 'So long a gateway that does not hear of the hub lets them in')}
      ${this.#password()}
      ${this._problem === '' ? nothing : html`<p class="problem" role="alert">${this._problem}</p>`}
      ${
        person === undefined
          ? nothing
          : html`<p class="muted" aria-live="polite">
              ${changeWords(this.#isSound ? changeOf(this._draft, person) : {}, person)}
            </p>`
      }
      <x-button kind="primary" ?disabled=${this._busy || !this.#isChanged} @click=${this.#submit}
        >${person === undefined ? `Add ${this._draft.name.trim() || 'person'}` : 'Save'}</x-button
      >
    </form>`;
  }

  get #isSound(): boolean {
    return Object.keys(draftFaults(this._draft, this.person, this.zones)).length === 0;
  }

  /** What is faulty may be pressed too: the fields then say why. */
  get #isChanged(): boolean {
    const { person } = this;
    return person === undefined || !this.#isSound || changeOf(this._draft, person) !== undefined;
  }

  #text(field: TextField, label: string, hint: string): TemplateResult {
    return html`<div class="field">
      <x-text-field
        label=${label}
        .value=${this._draft[field]}
        .problem=${this._faults[field] ?? ''}
        ?digits=${field === 'limitEntry' || field === 'limitTotal' || field === 'offlineDays'}
        @value-change=${(event: CustomEvent<string>) => this.#set({ [field]: event.detail })}
      ></x-text-field>
      <p class="hint">${hint}</p>
    </div>`;
  }

  #role(): TemplateResult {
    return html`<div class="field">
      <x-select
        label="Role"
        .options=${personRoles.map((role) => ({ value: role, label: role }))}
        .value=${this._draft.role}
        @value-change=${(event: CustomEvent<PersonRole>) => this.#set({ role: event.detail })}
      ></x-select>
      <p class="hint">${roleWords[this._draft.role]}</p>
    </div>`;
  }

  #sites(): TemplateResult {
    const chosen = this._draft.sites;
    const all = [...new Set([...this.sites, ...chosen])].sort((a, b) => a.localeCompare(b));
    const fault = this._faults.sites;
    return html`<fieldset aria-describedby="sites-fault">
      <legend>Sites</legend>
      ${
        all.length === 0
          ? html`<p class="hint">No site has a gateway yet: enrol one first.</p>`
          : nothing
      }
      <div class="choices">
        ${all.map(
          (site) =>
            html`<label
              ><input
                type="checkbox"
                .checked=${chosen.includes(site)}
                @change=${() =>
                  this.#set({
                    sites: chosen.includes(site)
                      ? chosen.filter((each) => each !== site)
                      : [...chosen, site],
                  })}
              />${site}</label
            >`,
        )}
      </div>
      <p id="sites-fault" class="problem">${fault ?? nothing}</p>
    </fieldset>`;
  }

  /** To be chosen from; typed where the hub may not know all of them. */
  #zones(): TemplateResult {
    const { zones } = zonesAt(this._draft, this.zones);
    const chosen = zonesOf(this._draft);
    return html`${
      zones.length === 0
        ? nothing
        : html`<fieldset>
            <legend>Zones</legend>
            <div class="choices">
              ${zones.map(
                (zone) =>
                  html`<label
                    ><input
                      type="checkbox"
                      .checked=${chosen.includes(zone)}
                      @change=${() => this.#set({ zones: zoneToggled(this._draft, zone) })}
                    />${zone}</label
                  >`,
              )}
            </div>
          </fieldset>`
    }
    ${this.#text('zones', zones.length === 0 ? 'Zones' : 'Only in these zones', 'Ids with commas between; empty: all of their sites')}`;
  }

  #limits(): TemplateResult {
    return html`<div class="pair">
      ${this.#text('limitEntry', 'Adjusts at a time', 'Units; 0: nothing')}
      ${this.#text('limitTotal', 'Adjusts in all', 'Units, until the lease is renewed')}
    </div>`;
  }

  #password(): TemplateResult {
    const { person } = this;
    const hint =
      person === undefined
        ? 'Tell them in person; the hub keeps only a hash of it'
        : person.revokedAt === null
          ? 'Empty: the one they have stays'
          : 'A new one lets them in again';
    return html`<div class="field">
      <x-password-field
        label=${person === undefined ? 'Password or PIN' : 'New password or PIN'}
        autocomplete="new-password"
        .value=${this._draft.password}
        .problem=${this._faults.password ?? ''}
        @value-change=${(event: CustomEvent<string>) => this.#set({ password: event.detail })}
      ></x-password-field>
      <p class="hint">${hint}</p>
    </div>`;
  }

  #set(change: Partial<PersonDraft>): void {
    this._draft = { ...this._draft, ...change };
    // A fault goes away where it was mended; others wait for the next try.
    const left = draftFaults(this._draft, this.person, this.zones);
    const entries = Object.entries(this._faults).filter(([field]) =>
      Object.hasOwn(change, field) ? Object.hasOwn(left, field) : true,
    );
    this._faults = Object.fromEntries(entries);
  }

  #begin(person: SitePersonRow | undefined): void {
    this._draft = draftOf(person);
    this._faults = {};
    this._problem = '';
  }

  readonly #submit = (event: Event): void => {
    event.preventDefault();
    void this.#save();
  };

  /** The fields are inputs in roots of their own, which no form submits. */
  readonly #pressed = (event: KeyboardEvent): void => {
    const target = event.composedPath()[0];
    const isTyped = target instanceof HTMLInputElement && target.type !== 'checkbox';
    if (event.key === 'Enter' && isTyped) this.#submit(event);
  };

  async #save(): Promise<void> {
    const { person, _draft: draft } = this;
    if (this._busy) return;
    this._faults = draftFaults(draft, person, this.zones);
    this._problem = '';
    if (Object.keys(this._faults).length > 0) {
      await this.#focusFault();
      return;
    }
    const change = person === undefined ? undefined : changeOf(draft, person);
    if (person !== undefined && change === undefined) return;
    this._busy = true;
    const answer =
      person === undefined || change === undefined
        ? await this.data.add(newPersonOf(draft))
        : await this.data.change(person.id, change);
    this._busy = false;
    // The list may have come anew meanwhile, with the same person in it.
    if (this.person?.id === person?.id) this.#take(answer);
  }

  async #focusFault(): Promise<void> {
    await this.updateComplete;
    const fields = this.renderRoot.querySelectorAll<XTextField | XPasswordField>(
      'x-text-field, x-password-field',
    );
    const faulty = [...fields].find(({ problem }) => problem !== '');
    (faulty ?? this.renderRoot.querySelector<HTMLElement>('input'))?.focus();
  }

  #take(answer: Answer<SitePersonRow>): void {
    if (answer.ok) {
      this.#begin(answer.value);
      this.dispatchEvent(new CustomEvent('saved', { detail: answer.value }));
      return;
    }
    const { problem } = answer;
    const faults = refusedFaults(problem, this.person === undefined);
    if (faults !== undefined) {
      this._faults = faults;
      void this.#focusFault();
    } else this._problem = refusalWords(problem);
  }
}
customElements.define('person-form', PersonForm);

/** A refusal of what was asked is told in the hub's words; a fault of the hub in ours. */
function refusalWords(problem: Parameters<typeof problemWords>[0]): string {
  const isOfRequest = problem.code === 'CONFLICT' || problem.code === 'BAD_INPUT';
  if (isOfRequest && problem.message !== '') return `Not saved: ${problem.message}.`;
  const { advice, title } = problemWords(problem);
  return `Not saved. ${title}. ${advice}`;
}
