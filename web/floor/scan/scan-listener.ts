import { Listeners } from '../../listeners.ts';
import { noBurst, pressKey, releaseAlt, type KeyBurst } from './key-burst.ts';

/** The fields that take text. What a scanner wrote into one is taken out again. */
type Field = HTMLInputElement | HTMLTextAreaElement;

interface FieldBefore {
  readonly field: Field;
  readonly value: string;
}

/**
 * Hears the whole page for a scanner that acts as a keyboard and gives each code to whoever shows
 * the screen. Typing goes on as ever: a key is only kept from the page where it belongs to a code.
 * The last to ask for scans gets them, and when it leaves, the one before it.
 */
export class ScanListener {
  /** Nobody is signed in: what is typed belongs to nothing but the sign-in page. */
  muted = false;
  /** Told of every code, whoever takes it. */
  readonly heard = new Listeners<[text: string]>();
  readonly #takers: ((text: string) => void)[] = [];
  #burst: KeyBurst = noBurst;
  #before: FieldBefore | undefined;

  start(page: Document): void {
    // Before any part of the page: Enter at the end of a code must not press the button in focus.
    page.addEventListener('keydown', this.#pressed, { capture: true });
    page.addEventListener('keyup', this.#released, { capture: true });
  }

  /** @returns a function that ends it. */
  take(taker: (text: string) => void): () => void {
    this.#takers.push(taker);
    return () => {
      const at = this.#takers.lastIndexOf(taker);
      if (at !== -1) this.#takers.splice(at, 1);
    };
  }

  /** A code that was not scanned but typed and sent off with a button. */
  give(text: string): void {
    this.heard.tell(text);
    this.#takers.at(-1)?.(text);
  }

  readonly #pressed = (event: KeyboardEvent): void => {
    const field = fieldOf(event);
    if (this.muted || event.isComposing || isSecret(field)) return;
    const { key, ctrlKey: ctrl, altKey: alt, metaKey: meta, timeStamp: atMs } = event;
    const { burst, meaning } = pressKey(this.#burst, { key, ctrl, alt, meta, atMs });
    this.#burst = burst;
    switch (meaning.type) {
      case 'begin':
        this.#before = field === undefined ? undefined : { field, value: field.value };
        return;
      case 'more':
        // Space would press the button in focus, F8 and Ctrl+] belong to the browser.
        if (meaning.stray || (key === ' ' && field === undefined)) event.preventDefault();
        return;
      case 'scan':
        event.preventDefault();
        event.stopImmediatePropagation();
        this.#restore();
        this.give(meaning.text);
        return;
      case 'other':
        this.#before = undefined;
    }
  };

  readonly #released = (event: KeyboardEvent): void => {
    if (event.key === 'Alt') this.#burst = releaseAlt(this.#burst);
    // A button is pressed when Space is let go.
    const within = this.#burst.keys > 1 && fieldOf(event) === undefined;
    if (event.key === ' ' && within) event.preventDefault();
  };

  /** Takes what the scanner wrote out of the field it fell into, and tells the field so. */
  #restore(): void {
    const before = this.#before;
    this.#before = undefined;
    if (before === undefined || before.field.value === before.value) return;
    before.field.value = before.value;
    before.field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
  }
}

function fieldOf(event: Event): Field | undefined {
  const target = event.composedPath()[0];
  if (target instanceof HTMLTextAreaElement) return target;
  return target instanceof HTMLInputElement && target.type !== 'radio' && target.type !== 'checkbox'
    ? target
    : undefined;
}

/** A password is neither looked at nor kept. */
function isSecret(field: Field | undefined): boolean {
  return field instanceof HTMLInputElement && field.type === 'password';
}
