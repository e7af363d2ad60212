int sub(void)
{
    return missing;
}
