import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Popover } from 'react-aria-components/Popover';

/** A word that opens a small panel beside it. */
export function PopoverButton({
  label,
  words,
  title,
  isOpen,
  onOpenChange,
  children,
}: {
  /** What it opens, for those who can't see what it stands on. */
  readonly label: string;
  readonly words: ReactNode;
  readonly title: string;
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly children: ReactNode;
}) {
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={onOpenChange}>
      <Button className="popover-button" aria-label={label}>
        {words}
      </Button>
      <Popover className="popover panel" placement="bottom start">
        <Dialog className="dialog small-dialog">
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
