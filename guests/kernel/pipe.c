/*
 * pipe.c - bytes from one process to another, through a ring.
 */
#include "kernel.h"

#define PIPES 16
#define RING 512u

struct pipe {
    uint32_t readers, writers; /* open ends; both 0: free */
    uint32_t in, out;          /* bytes that ever came, and went */
    uint8_t ring[RING];
};
static struct pipe pipes[PIPES];

static int free_fd(int after)
{
    for (int fd = after + 1; fd < FILES; fd++)
        if (!current->file[fd].pipe)
            return fd;
    return -1;
}

int pipe_new(int fd[2])
{
    fd[0] = free_fd(2); /* 0 to 2 are the console's */
    fd[1] = fd[0] < 0 ? -1 : free_fd(fd[0]);
    if (fd[1] < 0)
        return -1;
    for (uint32_t i = 0; i < PIPES; i++) {
        struct pipe *p = &pipes[i];
        if (p->readers || p->writers)
            continue;
        *p = (struct pipe){.readers = 1, .writers = 1};
        current->file[fd[0]] = (struct file){p, 0};
        current->file[fd[1]] = (struct file){p, 1};
        return 0;
    }
    return -1;
}

int pipe_read(struct file *f, uint8_t *to, uint32_t n)
{
    struct pipe *p = f->pipe;
    uint32_t got = 0;
    if (!p || f->writes)
        return -1;
    while (p->in == p->out) {
        if (!p->writers)
            return 0;
        wait_for(p);
    }
    while (got < n && p->out != p->in)
        to[got++] = p->ring[p->out++ % RING];
    wake(p);
    return (int)got;
}

int pipe_write(struct file *f, const uint8_t *from, uint32_t n)
{
    struct pipe *p = f->pipe;
    uint32_t put = 0;
    if (!p || !f->writes)
        return -1;
    while (put < n) {
        if (!p->readers)
            return -1;
        if (p->in - p->out == RING) {
            wake(p);
            wait_for(p);
            continue;
        }
        p->ring[p->in++ % RING] = from[put++];
    }
    wake(p);
    return (int)put;
}

void file_share(const struct file *f)
{
    if (!f->pipe)
        return;
    if (f->writes)
        f->pipe->writers++;
    else
        f->pipe->readers++;
}

void file_close(struct file *f)
{
    if (!f->pipe)
        return;
    if (f->writes)
        f->pipe->writers--;
    else
        f->pipe->readers--;
    wake(f->pipe); /* the other side may now be at its end */
    f->pipe = NULL;
}
