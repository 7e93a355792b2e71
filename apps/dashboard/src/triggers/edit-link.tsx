import { Link } from '@tanstack/react-router';
import { Pencil } from 'lucide-react';
import { buttonClass } from '../ui/button.tsx';

export type EditLinkProps = {
  readonly to: '/dashboard/schedules/$name/edit' | '/dashboard/hooks/$name/edit';
  readonly name: string;
};

/** Leads to the form of a schedule or a hook. */
export const EditLink = ({ to, name }: EditLinkProps) => (
  <Link to={to} params={{ name }} className={buttonClass()}>
    <Pencil size={16} aria-hidden="true" />
    Edit
  </Link>
);
