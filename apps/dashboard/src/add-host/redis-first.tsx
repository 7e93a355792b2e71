import { Button } from '../ui/button.tsx';
import { CommandLine } from '../ui/command-line.tsx';

/** Explains what a hub needs before hosts can be added. Replaces the form on one without Redis. */
export function RedisFirst({ onClose }: { readonly onClose: () => void }) {
  return (
    <div className="flex flex-col gap-4">
      <p>
        This hub runs without Redis and shows only its own host. To add others, install Redis. On Debian and
        Ubuntu:
      </p>
      <CommandLine text="sudo apt-get install redis-server" />
      <p>Then start the hub with this setting:</p>
      <CommandLine text="REDIS_URL=redis://127.0.0.1:6379" />
      <Button className="self-end" onClick={onClose}>
        Close
      </Button>
    </div>
  );
}
