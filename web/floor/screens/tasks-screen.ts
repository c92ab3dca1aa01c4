import type { FloorTask } from '#contracts/api/floor-api.ts';
import { html, nothing, type TemplateResult } from 'lit';
import { formatCount } from '../../format/numbers.ts';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-skeleton.ts';
import { NowController } from '../../ui/now-controller.ts';
import { ActController } from '../acts/act-controller.ts';
import { floorProblemWords } from '../data/floor-problem.ts';
import { floorPath } from '../floor-paths.ts';
import { FloorScreen } from '../floor-screen.ts';
import '../ui/floor-choice.ts';
import '../ui/floor-result.ts';
import { floorStyles } from '../ui/floor-styles.ts';
import { taskHead } from '../ui/task-parts.ts';
import { taskName, taskTitle, taskView } from '../words/task-words.ts';

const mostShown = 100;

/** Everything that asks for a person, oldest first: where it is worked off, or that it is settled. */
export class TasksScreen extends FloorScreen {
  static override styles = floorStyles;
  static override properties = { kind: { state: true }, settling: { state: true } };
  /** Only tasks of this kind; empty: all. */
  declare kind: string;
  /** The task that is to be ended here. */
  declare settling: string | undefined;
  readonly #act = new ActController(this, () => this.parts);
  readonly #now = new NowController(this, () => this.parts);

  constructor() {
    super();
    this.kind = '';
    this.settling = undefined;
  }

  protected override watched() {
    return [this.parts.data.tasks];
  }

  protected override scanned(code: string): void {
    this.parts.router.go(floorPath({ screen: 'find', code }));
  }

  override render() {
    const { loaded } = this.parts.data.tasks;
    if (loaded.state === 'loading') {
      return html`<x-skeleton rows="5" label="Loading tasks"></x-skeleton>`;
    }
    if (loaded.state === 'failed') {
      const { title, advice } = floorProblemWords(loaded.problem);
      return html`<x-notice tone="bad" heading=${title} advice=${advice}
        ><x-button @click=${() => this.parts.data.tasks.reload()}>Try again</x-button></x-notice
      >`;
    }
    const { tasks, more } = loaded.value;
    const shown = tasks.filter(({ task }) => this.kind === '' || task === this.kind);
    return html`${this.#kinds(tasks)}
      <floor-result .result=${this.#act.result}></floor-result>
      ${
        tasks.length === 0
          ? html`<x-notice
              heading="Nothing asks for you right now"
              advice="Where sources disagree, or somebody must look, it stands here."
            ></x-notice>`
          : html`<section class="card" aria-label="Open tasks">
              <div class="title">
                <h2>Open tasks</h2>
                <span class="note">${formatCount(shown.length)}${more ? ' and more' : ''}</span>
              </div>
              <ul class="rows">
                ${shown.slice(0, mostShown).map((task) => this.#task(task))}
              </ul>
            </section>`
      }`;
  }

  #kinds(tasks: readonly FloorTask[]): TemplateResult | typeof nothing {
    const kinds = [...new Map(tasks.map((task) => [task.task, taskName(task)]))];
    if (kinds.length < 2) return nothing;
    return html`<floor-choice
      label="Which"
      .value=${this.kind}
      .options=${[
        { value: '', label: 'All' },
        ...kinds.map(([value, label]) => ({ value, label })),
      ]}
      @value-change=${(event: CustomEvent<string>) => (this.kind = event.detail)}
    ></floor-choice>`;
  }

  #task(task: FloorTask): TemplateResult {
    const { view, words } = taskView(task);
    return html`<li>
      ${taskHead(task, this.#now.ms)}
      ${
        this.settling === task.id
          ? this.#settle(task)
          : html`<div class="actions">
              <x-button @click=${() => this.parts.router.go(floorPath(view))}>${words}</x-button>
              ${
                this.forbids('resolve') === undefined
                  ? html`<x-button
                      label="End it …: ${taskTitle(task)}"
                      @click=${() => (this.settling = task.id)}
                      >End it …</x-button
                    >`
                  : nothing
              }
            </div>`
      }
    </li>`;
  }

  #settle(task: FloorTask): TemplateResult {
    const end = (outcome: 'done' | 'dismissed', title: string) => {
      this.settling = undefined;
      void this.#act.run(`${title}: ${taskTitle(task)}`, {
        type: 'resolve',
        task: task.id,
        outcome,
      });
    };
    return html`<div class="actions" role="group" aria-label="How does it end?">
      <x-button kind="primary" ?disabled=${this.#act.busy} @click=${() => end('done', 'Settled')}
        >It is settled</x-button
      >
      <x-button ?disabled=${this.#act.busy} @click=${() => end('dismissed', 'Nothing to do')}
        >It was nothing</x-button
      >
      <x-button @click=${() => (this.settling = undefined)}>Not yet</x-button>
    </div>`;
  }
}
customElements.define('tasks-screen', TasksScreen);
