/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"

#define LINE_MAX_LEN 512

enum mu_err kms_terminal_open(struct kms_terminal *terminal)
{
    terminal->fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    return terminal->fd >= 0 ? MU_OK : MU_E_NOT_FOUND;
}

void kms_terminal_close(struct kms_terminal *terminal)
{
    if (terminal->fd >= 0)
        (void)close(terminal->fd);
    terminal->fd = -1;
}

enum mu_err kms_terminal_say(struct kms_terminal *terminal, const char *text)
{
    return mu_fd_write(terminal->fd, span_str(text));
}

enum mu_err kms_terminal_wipe(struct kms_terminal *terminal)
{
    /* ECMA-48: home, clear the screen; xterm's 3J: and what scrolled off. */
    return kms_terminal_say(terminal, "\033[H\033[2J\033[3J");
}

/* Up to the LF; a character at a time, so that nothing after it is lost. */
static enum mu_err read_line(int fd, struct buf *out)
{
    for (;;) {
        char c;
        ssize_t n = read(fd, &c, 1);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return MU_E_IO;
        if (c == '\n')
            return out->err;
        if (out->len == LINE_MAX_LEN)
            return MU_E_NO_SPACE;
        buf_add(out, (struct span){(const uint8_t *)&c, 1});
    }
}

enum mu_err kms_terminal_ask(
    struct kms_terminal *terminal, const char *prompt, struct buf *out)
{
    struct termios shown, hidden;
    enum mu_err err;

    buf_clear(out);
    if (tcgetattr(terminal->fd, &shown) != 0)
        return MU_E_IO;
    hidden = shown;
    hidden.c_lflag &= (tcflag_t)~ECHO;
    TRY(kms_terminal_say(terminal, prompt));
    if (tcsetattr(terminal->fd, TCSADRAIN, &hidden) != 0)
        return MU_E_IO;
    err = read_line(terminal->fd, out);
    if (tcsetattr(terminal->fd, TCSANOW, &shown) != 0)
        return MU_E_IO;
    TRY(kms_terminal_say(terminal, "\n"));
    return err;
}
