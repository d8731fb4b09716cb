// does not build: a main() of its own
int main(void)
{
    return 0;
}
SOLUTION
