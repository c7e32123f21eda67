import { type ReactNode, type SyntheticEvent, useEffect, useRef } from 'react';
import { Dialog as AriaDialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';

/**
 * Open for as long as it is rendered. Escape closes it, and so does a click beside it as long as nothing was typed or
 * pressed in its form: a click that went astray costs nobody what was filled in.
 */
export function Dialog({
  title,
  onClose,
  children,
  role = 'dialog',
  isShownOnce = false,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** `alertdialog`: for what takes something away. */
  readonly role?: 'dialog' | 'alertdialog';
  /** What it shows can't be shown again: neither a click beside it nor Escape closes it, but a button in it. */
  readonly isShownOnce?: boolean;
}) {
  const isTouched = useRef(false);
  const inside = useRef<HTMLDivElement>(null);
  useEffect(() => keepFocus(inside.current), []);
  const touch = ({ target }: SyntheticEvent) => {
    if (target instanceof Element && target.closest('form') !== null) isTouched.current = true;
  };
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      isDismissable={role === 'dialog' && !isShownOnce}
      isKeyboardDismissDisabled={isShownOnce}
      shouldCloseOnInteractOutside={() => !isTouched.current}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className="modal">
        <AriaDialog className="dialog" role={role}>
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          <div className="dialog-inside" ref={inside} onInput={touch} onClickCapture={touch}>
            {children}
          </div>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** What had the focus may go away as one step gives way to the next; then the dialog itself has it. */
function keepFocus(inside: HTMLElement | null): (() => void) | undefined {
  if (inside === null) return undefined;
  const observer = new MutationObserver(() => {
    // A list that was open gives it back to its button, in the next frame and only if nobody else has taken it.
    requestAnimationFrame(() => {
      if (inside.isConnected && document.activeElement === document.body)
        inside.closest<HTMLElement>('.dialog')?.focus({ preventScroll: true });
    });
  });
  observer.observe(inside, { childList: true, subtree: true });
  return () => observer.disconnect();
}
