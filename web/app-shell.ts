import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import type { ConsoleParts } from './console-parts.ts';
import { problemWords } from './data/api-problem.ts';
import { mayDo } from './data/session-data.ts';
import { formatClock } from './format/times.ts';
import {
  defaultFleetView,
  defaultStockView,
  fleetPath,
  screenAt,
  screenPaths,
  stockPath,
} from './paths.ts';
import { brand } from './shell/brand.ts';
import { behindChip } from './shell/fleet-words.ts';
import { asOfChip, pageFreshness, streamChip, type ChipWords } from './shell/live-status.ts';
import { screenList, type ScreenEntry } from './shell/screen-list.ts';
import { shellStyles } from './shell/shell-styles.ts';
import { applyTheme, nextTheme, storedTheme, storeTheme } from './theme/theme-choice.ts';
import { hostStyles } from './ui/host-styles.ts';
import { icon } from './ui/icons.ts';
import { NowController } from './ui/now-controller.ts';
import { LoadedParts } from './ui/loaded-parts.ts';
import './ui/x-button.ts';
import './ui/x-chip.ts';
import './ui/x-notice.ts';
import './ui/x-skeleton.ts';

/** The frame around every screen: rail, top bar with as-of time and completeness, the screen. */
export class AppShell extends LitElement {
  static override styles = [hostStyles, shellStyles];
  static override properties = {
    parts: { attribute: false },
    username: { type: String },
    signOutFailed: { state: true },
  };
  declare parts: ConsoleParts;
  declare username: string;
  declare signOutFailed: boolean;
  readonly #now = new NowController(this, () => this.parts);
  readonly #code = new LoadedParts(this);
  #unsubscribe: (() => void)[] = [];
  #goPressed = false;

  constructor() {
    super();
    this.username = '';
    this.signOutFailed = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { router, fleet, stream } = this.parts;
    const again = () => this.requestUpdate();
    this.#unsubscribe = [
      router.changed.add(again),
      fleet.subscribe(again),
      stream.stateChanged.add(again),
    ];
    document.addEventListener('keydown', this.#shortcut);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const end of this.#unsubscribe) end();
    document.removeEventListener('keydown', this.#shortcut);
  }

  override render() {
    const name = screenAt(this.parts.router.path);
    const screen = screenList.find((each) => each.name === name);
    document.title = screen === undefined ? 'Holdfast' : `${screen.title} · Holdfast`;
    return html`<a class="skip" href=${screenPaths.stock} @click=${this.#skip}>Skip to content</a>
      ${this.#rail(screen)} ${this.#top()}
      <main id="main" tabindex="-1" @click=${this.#follow}>
        ${this.#staleBanner()} ${screen === undefined ? this.#lost() : this.#screen(screen)}
      </main>`;
  }

  get #offered(): readonly ScreenEntry[] {
    const { current } = this.parts.session;
    return screenList.filter(({ needs }) => needs === undefined || mayDo(current, needs));
  }

  #rail(current: ScreenEntry | undefined): TemplateResult {
    return html`<nav aria-label="Main" @click=${this.#follow}>
      ${brand()}
      ${this.#offered.map(
        (screen, index, offered) =>
          html`${
              screen.group !== '' && screen.group !== offered[index - 1]?.group
                ? html`<h2>${screen.group}</h2>`
                : nothing
            }<a
              href=${screenPaths[screen.name]}
              aria-current=${screen === current ? 'page' : nothing}
              title="g then ${screen.letter}"
              >${icon(screen.icon)}<span class="label">${screen.title}</span>${this.#count(
                screen,
              )}</a
            >`,
      )}
    </nav>`;
  }

  /** What asks for attention on a screen: open alerts on Fleet. */
  #count(screen: ScreenEntry): TemplateResult | typeof nothing {
    const { loaded } = this.parts.fleet;
    if (screen.name !== 'fleet' || loaded.state !== 'ready') return nothing;
    const open = loaded.value.alerts.filter((alert) => alert.open).length;
    if (open === 0) return nothing;
    return html`<span class="count bad" aria-label="${open} open alerts">${open}</span>`;
  }

  #top(): TemplateResult {
    const { fleet, stream } = this.parts;
    const known = fleet.loaded.state === 'ready' ? fleet.loaded.value : undefined;
    const chips = [
      streamChip(stream.state),
      asOfChip(pageFreshness(this.parts, this.#now.ms), known),
      known === undefined ? undefined : behindChip(known.gateways, this.#now.ms),
    ];
    return html`<header class="top" @click=${this.#follow}>
      ${brand()}
      <form class="find" role="search" @submit=${this.#find}>
        ${icon('search')}
        <input
          name="item"
          aria-label="Find stock whose item number begins with"
          placeholder="Find an item number…"
          autocomplete="off"
          spellcheck="false"
        />
        <kbd aria-hidden="true">/</kbd>
      </form>
      <span class="grow"></span>
      <div class="chips">${chips.map((chip, index) => this.#chip(chip, index === 2))}</div>
      ${this.#themeButton()}
      <span class="user" title="Signed in as ${this.username}">${this.username}</span>
      <button
        class="tool"
        aria-label="Sign out"
        title=${this.signOutFailed ? 'The hub did not answer; try again' : 'Sign out'}
        @click=${this.#signOut}
      >
        ${icon('signOut')}
      </button>
    </header>`;
  }

  #chip(chip: ChipWords | undefined, linked: boolean): TemplateResult | typeof nothing {
    if (chip === undefined) return nothing;
    const drawn = html`<x-chip tone=${chip.tone} title=${chip.hover}>${chip.words}</x-chip>`;
    return linked ? html`<a href=${fleetPath(defaultFleetView)}>${drawn}</a>` : drawn;
  }

  #themeButton(): TemplateResult {
    const theme = storedTheme(localStorage);
    const next = nextTheme(theme);
    return html`<button
      class="tool"
      aria-label="Theme: ${theme}. Switch to ${next}"
      title="Theme: ${theme}"
      @click=${() => {
        storeTheme(localStorage, next);
        applyTheme(document.documentElement, next);
        this.requestUpdate();
      }}
    >
      ${icon(theme)}
    </button>`;
  }

  #staleBanner(): TemplateResult | typeof nothing {
    const { fleet, stream } = this.parts;
    const { asOfMs, stale } = pageFreshness(this.parts, this.#now.ms);
    if (!stale || asOfMs === undefined) return nothing;
    const problem = fleet.loaded.state === 'ready' ? fleet.loaded.problem : undefined;
    const why = problem === undefined ? 'Live updates are cut' : problemWords(problem).title;
    return html`<x-notice
      kind="banner"
      tone="warn"
      heading="${why}. "
      advice="This page shows what was known at ${formatClock(asOfMs)}. Sites go on working."
      ><x-button
        @click=${() => {
          stream.retry();
          fleet.reload();
        }}
        >Reconnect now</x-button
      ></x-notice
    >`;
  }

  #screen(screen: ScreenEntry): TemplateResult {
    const state = this.#code.need(screen.name, screen.load);
    if (state === 'loading') {
      return html`<x-skeleton rows="12" label="Loading ${screen.title}"></x-skeleton>`;
    }
    if (state === 'failed') {
      return html`<x-notice
        tone="bad"
        heading="This screen could not be loaded"
        advice="The hub did not send its code. Reload the page to try again."
      ></x-notice>`;
    }
    return html`${keyed(screen.name, screen.draw(this.parts))}`;
  }

  #lost(): TemplateResult {
    return html`<x-notice heading="There is no such page" advice="The link may be old or mistyped.">
      <a href=${screenPaths.stock}>Go to Stock</a>
    </x-notice>`;
  }

  readonly #follow = (event: MouseEvent): void => this.parts.router.follow(event);

  readonly #skip = (event: Event): void => {
    event.preventDefault();
    this.#main?.focus();
  };

  get #main(): HTMLElement | null {
    return this.renderRoot.querySelector('main');
  }

  readonly #find = (event: SubmitEvent): void => {
    event.preventDefault();
    const input = this.renderRoot.querySelector<HTMLInputElement>('.find input');
    const item = input?.value.trim() ?? '';
    this.parts.router.go(stockPath({ ...defaultStockView, item }));
    input?.blur();
  };

  readonly #signOut = (): void => {
    void this.parts.session.signOut().then((problem) => {
      this.signOutFailed = problem !== undefined;
    });
  };

  /** `g s`, `g f`, `g o` go to a screen, `/` to the search, unless something is being typed. */
  readonly #shortcut = (event: KeyboardEvent): void => {
    const target = event.composedPath()[0];
    const typing = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
    if (typing || event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === '/') {
      event.preventDefault();
      this.renderRoot.querySelector<HTMLInputElement>('.find input')?.focus();
    }
    const screen = this.#offered.find(({ letter }) => letter === event.key);
    if (this.#goPressed && screen !== undefined) {
      this.parts.router.go(screenPaths[screen.name]);
      this.#main?.focus();
    }
    this.#goPressed = event.key === 'g';
  };
}
customElements.define('app-shell', AppShell);
